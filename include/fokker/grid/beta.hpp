// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/beta_quantile.hpp>
#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Shares of the schedule's time that are quantiles of the distribution Beta(a, b) at 1 - i / N: with a and b below 1
/// short steps at both ends. Lee et al. 2024 (Beta Sampling is All You Need). On a table of T whole timesteps,
/// round((T - 1) quantile), ties to even; no timestep comes twice.
struct beta {
  int steps = 20;
  double a = 0.6;  ///< below 1 towards data, above 1 away from it
  double b = 0.6;  ///< the same of noise

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_beta(a, b);
    return spread_in_time(schedule, steps, [this](double u) { return detail::beta_quantile(u, a, b); });
  }
};

}  // namespace fokker::inline v0::grid
