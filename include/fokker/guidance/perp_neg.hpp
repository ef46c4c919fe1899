// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Perp-Neg, Armandpour et al. 2023: of a negative prompt only what is perpendicular to the positive one is taken away.
/// With p and n the predictions less that of the empty prompt e: e + scale (p - negative (n - <n, p> / <p, p> p)), over
/// each sample. Denoisers in the order {positive, negative, empty}.
struct perp_neg {
  static constexpr int branches = 3;
  double scale = 7.5;
  double negative = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    for (const double number : {scale, negative})
      if (!detail::fits_float(number)) detail::refuse("scale and negative", number, "numbers that a float holds");
    const plan::expression e = g[2].network, p = g[0].network - e, n = g[1].network - e;
    const auto along = quotient(g.dot(n, p), g.dot(p, p), 0);
    return {.network = e + scale * (p - negative * (n - along * p))};
  }
};

}  // namespace fokker::inline v0::guidance
