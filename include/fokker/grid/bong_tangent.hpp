// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Shares of the schedule's time along two arctangents that meet at 1/2: of N + 2 points the first m = floor(pivot (N +
/// 2)) fall from 1 to 1/2, the last N + 2 - m from 1/2 to 0, steepest where they meet: -arctan(k (i - m)) and
/// -arctan(k i) scaled to those ends, k = 40 slope / (N + 2). RES4LYF (2025), which has it for two steps and more.
struct bong_tangent {
  int steps = 20;
  double pivot = 0.6;
  double slope = 0.2;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    if (!(detail::is_finite(pivot) && pivot > 0 && pivot < 1)) detail::refuse("pivot", pivot, "above 0 and below 1");
    detail::require_positive("slope", slope);
    const double k = 40 * slope / (steps + 2);
    const int first = (std::max)(2, (std::min)(steps, static_cast<int>(pivot * (steps + 2))));
    // Of a piece that ends at `last`, the share that is left at i: a quotient of two differences of arctangents.
    const auto left = [k](int i, int last, int center) {
      const auto angle = [&](int j) {
        return std::atan2(k * (last - j), std::fma(k * (center - j), k * (center - last), 1));
      };
      return angle(i) / angle(0);
    };
    std::vector<double> shares;
    for (int i = 0; i < steps; ++i)
      shares.push_back(0.5 *
                       (i < first - 1 ? 1 + left(i, first - 1, first) : left(i - (first - 1), steps + 1 - first, 0)));
    shares.push_back(0);
    return levels_at_shares(schedule, shares);
  }
};

}  // namespace fokker::inline v0::grid
