// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// log(sigma/alpha) by a power of the share of steps that are left: log s = log s_min + u^rho log(s_max / s_min), u
/// from 1 to 0 (k-diffusion, Crowson 2022). rho = 1 is `log_snr`. The range is the schedule's where it is not given.
struct polyexponential {
  int steps = 20;
  double rho = 1;
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_positive("rho", rho);
    return spread(schedule, steps, sigma_min, sigma_max, end, [this](double first, double last, double share) {
      return last * std::exp(std::pow(1 - share, rho) * std::log(first / last));
    });
  }
};

}  // namespace fokker::inline v0::grid
