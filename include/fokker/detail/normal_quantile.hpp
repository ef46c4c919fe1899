// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

namespace fokker::inline v0::detail {

/// The share of standard normals that are below x.
[[nodiscard]] inline double normal_share(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// The x below which a share p of standard normals lies, for 0 < p < 1: by Newton's method on the logarithm of the
/// share, which is concave, from the left, so that all iterates go one way.
[[nodiscard]] inline double normal_quantile(double p) {
  if (p > 0.5) return -normal_quantile(1 - p);
  const double target = std::log(p);
  double x = -std::sqrt(-2 * target);  // of which the share is less than p / 2
  for (int i = 0; i < 100; ++i) {
    const double share = normal_share(x), density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
    const double step = (target - std::log(share)) / (density / share);
    x += step;
    if (step < 1e-9) break;  // convergence is quadratic
  }
  return x;
}

}  // namespace fokker::inline v0::detail
