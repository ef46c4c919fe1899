// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// N steps of equal length in the schedule's own time, from noise to data; both ends are the schedule's, to the bit.
struct uniform {
  int steps = 50;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    const double noise = schedule.noise_time(), data = schedule.data_time();
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) times.push_back(std::fma(data - noise, static_cast<double>(i) / steps, noise));
    times.push_back(data);
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::inline v0::grid
