// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/detail/hypotenuse.hpp>

namespace fokker::inline v0::schedule {

/// Variance preserving, alpha = cos(u + b) / cos(b) with u = (pi/2) t/(1 + s), b = (pi/2) s/(1 + s), t in [0, 1].
/// Nichol & Dhariwal 2021, eq. 17, in continuous time. Both ends are exact: alpha(1) == 0, sigma(0) == 0.
/// Throws std::invalid_argument unless offset >= 0, and for other times.
struct cosine {
  double offset = 0.008;     ///< s
  double clean_time = 1e-3;  ///< last_time

  /// cos(u + b) = sin((pi/2)(1 - t)/(1 + s)), which is 0 at t = 1 and not 6e-17.
  [[nodiscard]] double alpha(double time) const { return std::sin(quarter() * (1 - own(time))) / std::cos(start()); }
  /// cos^2 b - cos^2(u + b) = sin(u) sin(u + 2b)
  [[nodiscard]] double sigma(double time) const {
    const double u = quarter() * own(time);
    return std::sqrt(std::sin(u) * std::sin(std::fma(2, start(), u))) / std::cos(start());
  }
  [[nodiscard]] double alpha_rate(double time) const {
    return -quarter() * std::cos(quarter() * (1 - own(time))) / std::cos(start());
  }
  [[nodiscard]] double sigma_rate(double time) const { return -alpha(time) * alpha_rate(time) / sigma(time); }
  [[nodiscard]] double noise_time() const { return 1; }
  [[nodiscard]] double last_time() const { return clean_time; }
  [[nodiscard]] double data_time() const { return 0; }
  /// tan(u + b) = T = sqrt(r^2 + sin^2 b)/cos b, hence tan u = (T - tan b)/(1 + T tan b), the difference rationalised.
  [[nodiscard]] double time_of(double ratio) const {
    if (ratio == 0) return 0;
    if (ratio > 1e300) return 1;
    const double sin_b = std::sin(start()), cos_b = std::cos(start());
    const double root = detail::hypotenuse(ratio, sin_b);
    return (std::min)(
        std::atan2(ratio * (ratio / (root + sin_b)) * cos_b, std::fma(root, sin_b, cos_b * cos_b)) / quarter(), 1.0);
  }

 private:
  [[nodiscard]] double own(double time) const { return detail::own_time(time, data_time(), noise_time()); }
  [[nodiscard]] double quarter() const {
    detail::require_not_negative("offset", offset);
    return 0.5 * std::numbers::pi / (1 + offset);
  }
  [[nodiscard]] double start() const { return quarter() * offset; }
};

}  // namespace fokker::inline v0::schedule
