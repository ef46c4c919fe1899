// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::grid {

/// N timesteps evenly over a table of T, both ends included: round(i (T - 1) / (N - 1)), ties to even.
/// One step is the last timestep, T - 1.
struct linspace {
  int steps = 50;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = schedule.size();
    detail::require_steps(steps, size);
    std::vector<double> times;
    for (int i = 0; i < steps; ++i)
      times.push_back(steps == 1 ? size - 1.0 : std::nearbyint((size - 1.0) * (steps - 1 - i) / (steps - 1)));
    times.push_back(end == ending::to_data ? schedule.data_time() : 0);
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::grid
