// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// other + scale (conditional - other); denoisers in the order {conditional, other}. Ho & Salimans 2021, eq. 6.
/// `other` is the unconditional network, or the one of a negative prompt: the rule is the same.
/// Scale 1 is the conditional network alone, and 0 the other alone: the unused one is never called.
/// The paper's own number is w = scale - 1, off at 0: `classifier_free::paper(w)`.
struct classifier_free {
  static constexpr int branches = 2;
  double scale = 7.5;

  [[nodiscard]] static classifier_free paper(double w) { return {.scale = 1 + w}; }
  [[nodiscard]] std::array<double, 2> weights(const level&) const {
    detail::require_scale("scale", scale);
    return {scale, 1 - scale};
  }
};

}  // namespace fokker::inline v0::guidance
