// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The levels of another grid with their times moved towards noise: t -> s t / (1 + (s - 1) t), t counted from data, 0,
/// to noise, 1. Esser et al. 2024 (Stable Diffusion 3), eq. 23. It changes where a run stops on its path, not the path,
/// and the network is told the moved time.
template <class Grid>
struct time_shift {
  Grid grid;
  double shift = 3;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_positive("shift", shift);
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

/// The shift for a latent of so many tokens: e^mu, mu linear between two numbers of tokens. Flux has the defaults, LTX
/// (tokens, 0.95, 2.05, 1024, 4096), Qwen-Image (tokens, 0.5, 0.9, 256, 8192).
[[nodiscard]] inline double shift_for_tokens(double tokens, double mu_few = 0.5, double mu_many = 1.15,
                                             double few = 256, double many = 4096) {
  return std::exp(std::fma((mu_many - mu_few) / (many - few), tokens - few, mu_few));
}

/// The shift of Flux.2 for so many tokens and steps: e^mu, mu between the lines that were fitted for 10 and 200 steps;
/// above 4300 tokens that for 200.
[[nodiscard]] inline double shift_for_steps(double tokens, double steps) {
  const double at_200 = std::fma(1.6927e-4, tokens, 0.45666666);
  if (tokens > 4300) return std::exp(at_200);
  const double at_10 = std::fma(8.73809524e-5, tokens, 1.89833333);
  return std::exp(std::fma((at_200 - at_10) / 190, steps - 200, at_200));
}

/// The shift that makes a resolution with `pixels` as uncertain at its times as one with `pixels_trained`:
/// sqrt(pixels / pixels_trained). Esser et al. 2024, eq. 23.
[[nodiscard]] inline double shift_for_resolution(double pixels, double pixels_trained) {
  return std::sqrt(pixels / pixels_trained);
}

}  // namespace fokker::inline v0::grid
