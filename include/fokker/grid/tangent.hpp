// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Even steps of the angle arctan(s / c), s = sigma/alpha: for Gaussian data of deviation c no grid brings DDIM nearer
/// (Sabour et al. 2024, theorem 3.1, where it is optimal for the divergence; c = 1 is known as kl_optimal).
struct tangent {
  int steps = 20;
  double deviation = 1;              ///< c, of the data
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_positive("deviation", deviation);
    return spread(schedule, steps, sigma_min, sigma_max, end, [this](double first, double last, double share) {
      const double a = std::atan(first / deviation), b = std::atan(last / deviation);
      return deviation * std::tan(std::fma(b - a, share, a));
    });
  }
};

}  // namespace fokker::inline v0::grid
