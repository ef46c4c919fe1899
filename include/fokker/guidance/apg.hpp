// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Adaptive projected guidance, Sadat et al. 2024: of the difference m = D - D_other + momentum m_before of the data,
/// shortened to `radius`, the part along D counts `eta` times: D + (scale - 1) (m - (1 - eta) <m, D> / <D, D> D).
/// Denoisers in the order {conditional, other}. Scale 1, or branches that agree, are the conditional network; a call
/// at scale 1 asks for no other and m stays as it was. Eta 1 without a radius and momentum is classifier_free.
/// `over` are the axes that have a length of their own; {0, 1} for each channel.
struct apg {
  static constexpr int branches = 2;
  double scale = 7.5;
  double eta = 0;
  double radius = 15;  ///< infinity: as long as it is
  double momentum = -0.5;
  plan::axes over = {};

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    for (const double number : {scale, eta, momentum})
      if (!detail::fits_float(number)) detail::refuse("scale, eta and momentum", number, "numbers that a float holds");
    if (detail::is_nan(radius) || !(radius > 0)) detail::refuse("radius", radius, "a number > 0, or infinity");
    if (scale == 1) return {.network = g[0].network};  // and nothing is remembered that nobody reads
    const plan::expression D = g[0].data;
    const auto m = g.remember(D - g[1].data + momentum * g.remembered());
    const auto s = least(1, quotient((std::min)(radius, (std::numeric_limits<double>::max)()), g.norm(m, over), 1));
    const auto along = quotient(s * g.dot(m, D, over), g.dot(D, D, over), 0);
    return {.data = D + (scale - 1) * (s * m + (eta - 1) * along * D)};
  }
};

}  // namespace fokker::inline v0::guidance
