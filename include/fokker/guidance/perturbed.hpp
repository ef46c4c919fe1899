// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// other + scale (conditional - other) + perturbed_scale (conditional - perturbed); denoisers in the order
/// {conditional, other, perturbed}. `perturbed` is the conditional network with something of it broken: attention
/// replaced by the identity (PAG, Ahn et al. 2024) or blurred (SEG, Hong 2024), layers skipped (SLG; STG, Hyung et al.
/// 2024), tokens shuffled (TPG, Rajabi et al. 2025). How it is broken is up to the network. perturbed_scale is the
/// paper's own number, off at 0, and scale that of classifier_free, off at 1: then `other` is not called.
struct perturbed {
  static constexpr int branches = 3;
  double scale = 7.5;
  double perturbed_scale = 3;

  [[nodiscard]] std::array<double, 3> weights(const level&) const {
    detail::require_scale("scale", scale);
    detail::require_scale("perturbed_scale", perturbed_scale);
    return {scale + perturbed_scale, 1 - scale, -perturbed_scale};
  }
};

}  // namespace fokker::inline v0::guidance
