// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/detail/beta_quantile.hpp>
#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// sigma/alpha at quantiles of Beta(a, b) between the ends: s_min + (s_max - s_min) quantile(1 - i / (n - 1)), as
/// Diffusers' `use_beta_sigmas`; not the timesteps of `beta`. `to_data` is n = N positive levels and the data,
/// `to_last_level` n = N + 1. The range is the schedule's where it is not given.
struct beta_sigmas {
  int steps = 20;
  double a = 0.6;                    ///< below 1 towards s_min, above 1 away from it
  double b = 0.6;                    ///< the same of s_max
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_beta(a, b);
    return spread(schedule, steps, sigma_min, sigma_max, end, [this](double first, double last, double share) {
      return std::fma(first - last, detail::beta_quantile(1 - share, a, b), last);
    });
  }
};

}  // namespace fokker::inline v0::grid
