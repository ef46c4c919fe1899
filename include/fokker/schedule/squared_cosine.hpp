// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// The table of Nichol & Dhariwal 2021, eq. 17: beta_t = 1 - f(t + 1) / f(t), f(t) = cos^2((t/T + 0.008) / 1.008 pi/2),
/// none above `largest_beta`. Throws std::invalid_argument for a size that no table has, and for a largest beta that is
/// not in (0, 1].
[[nodiscard]] inline tabulated squared_cosine(int size = 1000, double largest_beta = 0.999) {
  detail::require_size(size);
  if (!(detail::is_finite(largest_beta) && largest_beta > 0 && largest_beta <= 1))
    detail::refuse("largest_beta", largest_beta, "above 0 and up to 1");
  // 1 - cos^2 a / cos^2 b = sin(a + b) sin(a - b) / cos^2 b, without cancellation.
  const double quarter = std::numbers::pi / 2 / 1.008;
  std::vector<double> betas;
  for (int t = 0; t < size; ++t) {
    const double b = (static_cast<double>(t) / size + 0.008) * quarter, step = quarter / detail::opaque(size);
    const double cosine = std::cos(b);
    betas.push_back((std::min)(largest_beta, std::sin(std::fma(2, b, step)) * std::sin(step) / (cosine * cosine)));
  }
  return tabulated::from_betas(betas);
}

}  // namespace fokker::inline v0::schedule
