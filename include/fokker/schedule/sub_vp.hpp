// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/schedule/vp_linear.hpp>

namespace fokker::inline v0::schedule {

/// The alpha of vp_linear and sigma = 1 - alpha^2, whose variance is below that of the data everywhere between.
/// Song et al. 2021, eq. 34. At t = 1 alpha is small, not 0.
/// Throws std::invalid_argument unless beta_min >= 0 and beta_max > 0, and for times and ratios beyond its own.
struct sub_vp {
  double beta_min = 0.1;
  double beta_max = 20;
  double clean_time = 1e-3;  ///< last_time

  [[nodiscard]] double alpha(double time) const { return vp().alpha(time); }
  [[nodiscard]] double sigma(double time) const { return 0 - std::expm1(2 * vp().log_alpha(time)); }
  [[nodiscard]] double alpha_rate(double time) const { return vp().alpha_rate(time); }
  [[nodiscard]] double sigma_rate(double time) const { return -2 * alpha(time) * alpha_rate(time); }
  [[nodiscard]] double noise_time() const { return 1; }
  [[nodiscard]] double last_time() const { return clean_time; }
  [[nodiscard]] double data_time() const { return 0; }
  /// r = 1/alpha - alpha = 2 sinh(-log alpha); the time of vp_linear whose sigma/alpha is sqrt(alpha^-2 - 1).
  [[nodiscard]] double time_of(double ratio) const {
    detail::require_ratio(ratio, sigma(1) / alpha(1));
    const double fall = std::asinh(ratio / 2);  // -log alpha
    return vp().time_of(std::sqrt(std::expm1(2 * fall)));
  }

 private:
  [[nodiscard]] vp_linear vp() const { return {.beta_min = beta_min, .beta_max = beta_max}; }
};

}  // namespace fokker::inline v0::schedule
