// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::grid {

/// N timesteps evenly over a table of T, both ends included: round(i (T - 1) / (N - 1)), ties to even.
/// One step is from the last timestep, T - 1. `to_last_level` spaces N + 1 timesteps.
struct linspace {
  int steps = 50;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = schedule.size();
    detail::require_steps(steps, end == ending::to_data ? size : size - 1);
    std::vector<double> times;
    const int gaps = end == ending::to_data ? steps - 1 : steps;  // between the first time and 0
    times.push_back(size - 1);
    for (int i = 1; i <= gaps; ++i) times.push_back(std::nearbyint((size - 1.0) * (gaps - i) / gaps));
    if (end == ending::to_data) times.push_back(schedule.data_time());
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::grid
