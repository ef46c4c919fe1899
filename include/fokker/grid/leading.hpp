// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>

namespace fokker::grid {

/// Every (T / N)-th timestep of a table of T, counted from 0 and moved up by `offset`: the first steps of the training
/// are never left out, the last ones may be. Ho et al. 2020; offset 1 is Stable Diffusion's. Integers throughout.
struct leading {
  int steps = 50;
  int offset = 0;
  ending end = ending::to_data;  ///< on the data (time -1), or on the table's own time 0

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = schedule.size();
    detail::require_steps(steps, size);
    const int stride = size / steps;
    const int least = end == ending::to_data ? 0 : 1, most = size - 1 - (steps - 1) * stride;
    if (offset < least || offset > most)
      detail::refuse("offset", offset, detail::joined({detail::text(least), " to ", detail::text(most)}));
    std::vector<double> times;
    for (int i = steps - 1; i >= 0; --i) times.push_back(i * stride + offset);
    times.push_back(end == ending::to_data ? schedule.data_time() : 0);
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::grid
