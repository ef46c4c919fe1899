// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::grid {

/// The levels of another grid with their times moved towards noise: t -> s t / (1 + (s - 1) t), t counted from data, 0,
/// to noise, 1. Esser et al. 2024 (Stable Diffusion 3), eq. 23. It changes where a run stops on its path, not the path,
/// and the network is told the moved time.
template <class Grid>
struct time_shift {
  Grid grid;
  double shift = 3;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    if (!(detail::is_finite(shift) && shift > 0)) detail::refuse("shift", shift, "a number > 0");
    const double noise = schedule.noise_time(), data = schedule.data_time();
    std::vector<level> list = grid.levels(schedule);
    for (level& l : list) {
      const double t = (l.time - data) / (noise - data);
      l = level_at(schedule, t == 1 ? noise : std::fma(shift * t / std::fma(shift - 1, t, 1), noise - data, data));
    }
    return list;
  }
};
template <class Grid>
time_shift(Grid, double) -> time_shift<Grid>;

/// The shift of Flux for a latent of so many tokens: e^mu, mu linear from 0.5 at 256 tokens to 1.15 at 4096.
[[nodiscard]] inline double shift_for_tokens(double tokens, double mu_at_256 = 0.5, double mu_at_4096 = 1.15) {
  return std::exp(std::fma((mu_at_4096 - mu_at_256) / (4096 - 256), tokens - 256, mu_at_256));
}

}  // namespace fokker::grid
