// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// Variance exploding with sigma as its own time: x = x0 + t eps, t in [0, sigma_max]. Karras et al. 2022, table 1.
/// Throws std::invalid_argument unless 0 < sigma_min < sigma_max, and for times below 0; above sigma_max it goes on.
struct edm {
  double sigma_min = 0.002;
  double sigma_max = 80;

  [[nodiscard]] double alpha(double) const { return 1; }
  [[nodiscard]] double sigma(double time) const {
    return detail::own_time(time, data_time(), detail::largest_number);  // of noise without an end
  }
  [[nodiscard]] double alpha_rate(double) const { return 0; }
  [[nodiscard]] double sigma_rate(double) const { return 1; }
  [[nodiscard]] double noise_time() const {
    if (!(detail::fits_float(sigma_max) && sigma_max > 0))
      detail::refuse("sigma_max", sigma_max,
                     detail::joined({"above 0 and up to ", detail::text(detail::largest_number)}));
    return sigma_max;
  }
  [[nodiscard]] double last_time() const {
    if (!(detail::is_finite(sigma_min) && sigma_min > 0 && sigma_min < noise_time()))
      detail::refuse("sigma_min", sigma_min,
                     detail::joined({"above 0 and below sigma_max, ", detail::text(sigma_max)}));
    return sigma_min;
  }
  [[nodiscard]] double data_time() const { return 0; }
  [[nodiscard]] double time_of(double ratio) const { return ratio; }
};

}  // namespace fokker::inline v0::schedule
