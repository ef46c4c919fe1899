// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// N timesteps evenly over a table of T, both ends included: round(i (T - 1) / (N - 1)), ties to even. One step is
/// from the last timestep, T - 1. Without the endpoint the data are in the place of timestep 0, the last of N + 1.
/// `to_last_level` spaces N + 1 timesteps.
struct linspace {
  int steps = 50;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0
  bool endpoint = true;          ///< on the way to data, whether timestep 0 is one of the N
  bool rounded = true;           ///< to whole timesteps

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = detail::timesteps_of_table(schedule);
    const bool to_data = end == ending::to_data, stops_on_zero = !to_data || endpoint;
    if (rounded)
      detail::require_steps(steps, to_data && endpoint ? size : size - 1);
    else
      detail::require_steps(steps);
    const int gaps = to_data && endpoint ? steps - 1 : steps;  // between the first time and 0
    std::vector<double> times;
    times.push_back(size - 1);
    for (int i = 1; i < gaps + stops_on_zero; ++i) {
      const double time = (size - 1.0) * (gaps - i) / gaps;
      times.push_back(rounded ? std::nearbyint(time) : time);
    }
    if (to_data) times.push_back(schedule.data_time());
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::inline v0::grid
