// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// classifier_free G at a large scale with the deviations of M, that at `mimic_scale`: (phi dev(M) / dev(G) + 1 - phi)
/// G, of the data, over each sample, or over each group along `over`: {0, 1} of (C, H, W) for each channel. With
/// `from_mean` that is done to the distance from the mean of the group. Forms of dynamic thresholding with mimicked
/// scales, 2023, those by deviations. With a `quantile` above 0 the largest magnitude of M and that quantile of those
/// of G stand for the deviations. Denoisers in the order {conditional, other}.
struct mimic {
  static constexpr int branches = 2;
  double scale = 15;
  double mimic_scale = 7;
  double phi = 1;
  double quantile = 0;
  bool from_mean = false;
  plan::axes over = {};

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    for (const double number : {scale, mimic_scale})
      if (!detail::fits_float(number)) detail::refuse("scale and mimic_scale", number, "numbers that a float holds");
    detail::require_within("phi", phi, 0, 1);
    detail::require_within("quantile", quantile, 0, 1);
    const plan::expression c = g[0].data, u = g[1].data, G = scale * c + (1 - scale) * u;
    if (phi == 0 || scale == mimic_scale) return {.network = scale * g[0].network + (1 - scale) * g[1].network};
    const plan::expression M = mimic_scale * c + (1 - mimic_scale) * u;
    const auto ratio = quantile > 0 ? quotient(g.quantile(M, 1, over), g.quantile(G, quantile, over), 1)
                                    : quotient(g.deviation(M, over), g.deviation(G, over), 1);
    if (!from_mean) return {.data = (phi * ratio + (1 - phi)) * G};
    const auto mean = quotient(g.sum(G, over), g.count(over), 0);
    return {.data = (phi * ratio + (1 - phi)) * G + g.everywhere((phi - phi * ratio) * mean)};
  }
};

}  // namespace fokker::inline v0::guidance
