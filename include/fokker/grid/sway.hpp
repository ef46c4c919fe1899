// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The levels of another grid with their times moved by a cosine: u -> u + s (cos(pi u / 2) - 1 + u), u counted from
/// noise, 0, to data, 1. Negative s makes the first steps shorter: with -1 the time from data is sin(pi t / 2). Chen et
/// al. 2024 (F5-TTS, arXiv:2410.06885), "sway sampling". The network is told the moved time.
template <class Grid>
struct sway {
  Grid grid;
  double coefficient = -1;  ///< s

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    constexpr double most = 2 / (std::numbers::pi - 2);  // there the last steps have no length
    if (!(detail::is_finite(coefficient) && coefficient >= -1 && coefficient <= most))
      detail::refuse("coefficient", coefficient, "-1 to 1.7519, which is 2 / (pi - 2)");
    const double noise = schedule.noise_time(), data = schedule.data_time();
    std::vector<level> list = grid.levels(schedule);
    for (level& l : list) {
      const double t = (l.time - data) / (noise - data);
      if (t == 1) continue;  // noise, to the bit
      const double moved = std::fma(coefficient, t - std::sin(std::numbers::pi / 2 * t), t);
      l = level_at(schedule, std::fma(moved, noise - data, data));
    }
    return list;
  }
};
template <class Grid>
sway(Grid) -> sway<Grid>;
template <class Grid>
sway(Grid, double) -> sway<Grid>;

}  // namespace fokker::inline v0::grid
