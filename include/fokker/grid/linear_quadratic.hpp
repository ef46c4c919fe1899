// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Shares of the schedule's time that first fall by theta in L even steps, then along the parabola which goes on with
/// their slope and ends on the data: k of its M = N - L steps before the end the share is
/// k (theta / L + (2 M - k) (1 - theta - theta M / L) / M^2). Genmo's Mochi, 2024, as ComfyUI runs it: one step goes
/// from noise to data.
struct linear_quadratic {
  int steps = 64;
  double threshold = 0.025;  ///< theta
  int linear_steps = 0;      ///< L; half of the steps, rounded down, where it is 0

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    if (linear_steps < 0 || linear_steps >= steps)
      detail::refuse("linear_steps", linear_steps,
                     detail::joined({"0 (half of the steps) to ", detail::text(steps - 1)}));
    if (steps == 1) return levels_at_shares(schedule, {1, 0});
    const int linear = linear_steps == 0 ? steps / 2 : linear_steps, bent = steps - linear;
    const double most = 2.0 * linear / (linear + steps);  // there the parabola ends without a slope
    if (!(detail::is_finite(threshold) && threshold > 0 && threshold < most))
      detail::refuse("threshold", threshold, detail::joined({"above 0 and below ", detail::text(most)}));
    const double slope = threshold / linear, bend = std::fma(-slope, bent, 1 - threshold) / bent / bent;
    std::vector<double> shares;
    for (int i = 0; i < linear; ++i) shares.push_back(1 - threshold * i / linear);
    for (int k = bent; k >= 0; --k) shares.push_back(k * std::fma(bend, 2 * bent - k, slope));
    return levels_at_shares(schedule, shares);
  }
};

}  // namespace fokker::inline v0::grid
