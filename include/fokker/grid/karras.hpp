// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// sigma/alpha with evenly spaced rho-th roots, Karras et al. 2022, eq. 5. `to_data` is N positive levels and the data,
/// `to_last_level` N + 1 positive levels. The range is the schedule's where it is not given.
struct karras {
  int steps = 18;
  double rho = 7;
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_positive("rho", rho);
    return spread(schedule, steps, sigma_min, sigma_max, end, [this](double first, double last, double share) {
      const double a = std::pow(first, 1 / rho), b = std::pow(last, 1 / rho);
      return std::pow(std::fma(b - a, share, a), rho);
    });
  }
};

}  // namespace fokker::inline v0::grid
