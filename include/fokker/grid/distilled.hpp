// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// Timesteps for networks that were distilled on M = `original_steps` of them, k (M - j) - 1 with k = size / M: N of
/// these spread evenly, j = floor(i M / N), as latent consistency models take them (Luo et al. 2023), or the first N,
/// j = i, as SD-Turbo with 10 (Sauer et al. 2023). Without the noisiest `skipped` ones, to change an image, M - skipped
/// are spread and j is counted from there. Ends on the data.
struct distilled {
  int steps = 4;
  int original_steps = 50;
  bool first_ones = false;
  int skipped = 0;

  template <discrete_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const int size = detail::timesteps_of_table(schedule);
    if (original_steps < 1 || original_steps > size)
      detail::refuse("original_steps", original_steps, detail::joined({"1 to ", detail::text(size)}));
    if (skipped < 0 || skipped >= original_steps)
      detail::refuse("skipped", skipped, detail::joined({"0 to ", detail::text(original_steps - 1)}));
    const int kept = original_steps - skipped;
    detail::require_steps(steps, kept);
    const int stride = size / original_steps;
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) {
      const int j = first_ones ? i : static_cast<int>(static_cast<long long>(i) * kept / steps);
      times.push_back(stride * (kept - j) - 1);
    }
    times.push_back(schedule.data_time());
    return levels_at(schedule, times);
  }
};

}  // namespace fokker::inline v0::grid
