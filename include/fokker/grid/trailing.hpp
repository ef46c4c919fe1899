// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The last timestep of a table of T and every (T / N)-th below it: round(T - i T / N) - 1, ties to even.
/// Lin et al. 2024, table 2. i counts in integers, so N steps are N + 1 levels for every N.
/// Rounded up it is what ComfyUI calls simple.
struct trailing {
  int steps = 50;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0
  bool round_up = false;         ///< instead of to the nearest

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = detail::timesteps_of_table(schedule);
    detail::require_steps(steps, size);
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) {
      const std::int64_t count = std::int64_t{size} * (steps - i);  // times `steps`
      const std::int64_t upper = (count + steps - 1) / steps;
      times.push_back((round_up ? static_cast<double>(upper) : std::nearbyint(static_cast<double>(count) / steps)) - 1);
    }
    if (end == ending::to_last_level && times.back() <= 0)
      detail::refuse("steps", steps, "fewer, so that the last timestep is above 0, where this ending stops");
    times.push_back(end == ending::to_data ? schedule.data_time() : 0);
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::inline v0::grid
