// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// Variance exploding: x = x0 + sigma eps, sigma = sigma_min (sigma_max / sigma_min)^t, t in [0, 1]; Song et al. 2021,
/// eq. 31. That sigma never is 0: below t = 0 it goes on along its tangent, which is 0 at
/// t = -1 / log(sigma_max / sigma_min), where the data are. Throws std::invalid_argument unless
/// 0 < sigma_min < sigma_max.
struct ve {
  double sigma_min = 0.01;
  double sigma_max = 50;

  [[nodiscard]] double alpha(double) const { return 1; }
  [[nodiscard]] double sigma(double time) const {
    const double slope = sigma_min * growth();                          // at t = 0
    (void)detail::own_time(time, data_time(), detail::largest_number);  // of noise without an end
    return time < 0 ? slope * (time - data_time()) : sigma_min * std::pow(sigma_max / sigma_min, time);
  }
  [[nodiscard]] double alpha_rate(double) const { return 0; }
  [[nodiscard]] double sigma_rate(double time) const { return growth() * (time < 0 ? sigma_min : sigma(time)); }
  [[nodiscard]] double noise_time() const { return 1; }
  [[nodiscard]] double last_time() const { return 0; }
  [[nodiscard]] double data_time() const { return -1 / growth(); }
  [[nodiscard]] double time_of(double ratio) const {
    if (ratio < sigma_min) return data_time() + ratio / (sigma_min * growth());
    return std::log(ratio / sigma_min) / growth();
  }

 private:
  /// d log sigma / dt on [0, 1]
  [[nodiscard]] double growth() const {
    detail::require_positive("sigma_min", sigma_min);
    if (!(detail::fits_float(sigma_max) && sigma_max > sigma_min))
      detail::refuse("sigma_max", sigma_max,
                     detail::joined({"above sigma_min, ", detail::text(sigma_min), ", and up to ",
                                     detail::text(detail::largest_number)}));
    return std::log(sigma_max / sigma_min);
  }
};

}  // namespace fokker::inline v0::schedule
