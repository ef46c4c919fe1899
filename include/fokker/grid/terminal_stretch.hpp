// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The levels of another grid with their times stretched away from noise, so that the last one before the data lies at
/// the share `terminal` of the way: 1 - t -> (1 - t) (1 - terminal) / (1 - t_last), t counted from data, 0, to
/// noise, 1. LTX-Video (HaCohen et al. 2024) with 0.1, Qwen-Image with 0.02, after the shift. A single step from noise
/// stays as it is.
template <class Grid>
struct terminal_stretch {
  Grid grid;
  double terminal = 0.1;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    if (!(detail::is_finite(terminal) && terminal > 0 && terminal < 1))
      detail::refuse("terminal", terminal, "above 0 and below 1");
    const double noise = schedule.noise_time(), data = schedule.data_time();
    std::vector<level> list = grid.levels(schedule);
    if (list.size() < 2) return list;  // no plan is made of it
    const std::size_t stretched = list.back().is_data() ? list.size() - 1 : list.size();
    const auto from_noise = [&](const level& l) { return (noise - l.time) / (noise - data); };
    const double last = from_noise(list[stretched - 1]);
    if (last == 0) return list;
    for (std::size_t i = 0; i < stretched; ++i)
      list[i] = level_at(schedule, std::fma(from_noise(list[i]) * ((1 - terminal) / last), data - noise, noise));
    return list;
  }
};
template <class Grid>
terminal_stretch(Grid) -> terminal_stretch<Grid>;
template <class Grid>
terminal_stretch(Grid, double) -> terminal_stretch<Grid>;

}  // namespace fokker::inline v0::grid
