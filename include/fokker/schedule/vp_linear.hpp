// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// Variance preserving, beta linear in time: log alpha = -t^2 (beta_max - beta_min)/4 - t beta_min/2, t in [0, 1].
/// Ho et al. 2020 in the continuous form of Song et al. 2021, eq. 33. At t = 1 alpha is small, not 0.
/// Throws std::invalid_argument unless beta_min >= 0 and beta_max > 0, and for times and ratios beyond its own.
struct vp_linear {
  double beta_min = 0.1;
  double beta_max = 20;
  double clean_time = 1e-3;  ///< last_time: training stops here

  [[nodiscard]] double beta(double time) const { return std::fma(time, rise(), beta_min); }
  [[nodiscard]] double log_alpha(double time) const {
    return -0.25 * detail::own_time(time, data_time(), noise_time()) * (beta(time) + beta_min);
  }

  [[nodiscard]] double alpha(double time) const { return std::exp(log_alpha(time)); }
  [[nodiscard]] double sigma(double time) const { return std::sqrt(0 - std::expm1(2 * log_alpha(time))); }
  [[nodiscard]] double alpha_rate(double time) const { return -0.5 * beta(time) * alpha(time); }
  [[nodiscard]] double sigma_rate(double time) const {
    const double a = alpha(time);
    return 0.5 * beta(time) * a * a / sigma(time);
  }
  [[nodiscard]] double noise_time() const { return 1; }
  [[nodiscard]] double last_time() const { return clean_time; }
  [[nodiscard]] double data_time() const { return 0; }
  /// The root of t^2 (beta_max - beta_min) + 2 t beta_min = 2 log(1 + ratio^2), in the form that never cancels.
  [[nodiscard]] double time_of(double ratio) const {
    if (ratio == 0) return 0;
    detail::require_ratio(ratio, sigma(1) / alpha(1));
    const double c = ratio > 1e100 ? 4 * std::log(ratio) : 2 * std::log1p(ratio * ratio);
    return (std::min)(c / (beta_min + std::sqrt(std::fma(beta_min, beta_min, rise() * c))), noise_time());
  }

 private:
  [[nodiscard]] double rise() const {
    detail::require_not_negative("beta_min", beta_min);
    detail::require_positive("beta_max", beta_max);
    return beta_max - beta_min;
  }
};

}  // namespace fokker::inline v0::schedule
