// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The levels of videos in one to four steps: the arctangents of sigma/alpha are those of `sigma_max`, then 1.5, 1.4
/// and 1, as many as the steps need, and 0. Zheng et al. 2025 (rCM, arXiv:2510.08431); TurboDiffusion has them too.
struct rcm {
  int steps = 4;
  double sigma_max = 80;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    constexpr double tangents[] = {14.101419947171719, 5.797883715482887, 1.5574077246549023};  // of 1.5, 1.4 and 1
    detail::require_steps(steps, 4);
    if (!(detail::fits_float(sigma_max) && sigma_max > tangents[0]))
      detail::refuse("sigma_max", sigma_max, "above 14.1014, which is tan(1.5)");
    std::vector<double> ratios{sigma_max};
    for (int i = 0; i < steps - 1; ++i) ratios.push_back(tangents[i]);
    ratios.push_back(0);
    return levels_at_ratios(schedule, ratios);
  }
};

}  // namespace fokker::inline v0::grid
