// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Shares u^2 (3 - 2 u) of the schedule's time, u = 1 - i / N: short steps at both ends (stable-diffusion.cpp). On a
/// table of T whole timesteps, round((T - 1) u^2 (3 - 2 u)), ties to even; no timestep comes twice.
struct smoothstep {
  int steps = 20;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    return spread_in_time(schedule, steps, [](double u) { return u * u * std::fma(-2, u, 3); });
  }
};

}  // namespace fokker::inline v0::grid
