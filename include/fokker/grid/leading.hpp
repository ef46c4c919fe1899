// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// Every (T / N)-th timestep of a table of T, counted from 0 and moved up by `offset`: the first steps of the training
/// are never left out, the last ones may be. Ho et al. 2020; offset 1 is Stable Diffusion's. Integers throughout.
/// A stride of the user's own is taken instead of T / N.
struct leading {
  int steps = 50;
  int offset = 0;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0
  int stride = 0;                ///< T / N where it is 0

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = detail::timesteps_of_table(schedule);
    detail::require_steps(steps, size);
    const int widest = steps == 1 ? size : (size - 1) / (steps - 1), apart = stride == 0 ? size / steps : stride;
    if (apart < 1 || apart > widest)
      detail::refuse("stride", stride, detail::joined({"0 (the table's size / steps) to ", detail::text(widest)}));
    const int least = end == ending::to_data ? 0 : 1, most = size - 1 - (steps - 1) * apart;
    if (offset < least || offset > most)
      detail::refuse("offset", offset, detail::joined({detail::text(least), " to ", detail::text(most)}));
    std::vector<double> times;
    for (int i = steps - 1; i >= 0; --i) times.push_back(i * apart + offset);
    times.push_back(end == ending::to_data ? schedule.data_time() : 0);
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::inline v0::grid
