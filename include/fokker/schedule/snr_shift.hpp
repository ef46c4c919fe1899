// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// Another schedule with its SNR divided by `scale` at every time, alpha^2 + sigma^2 kept. CogVideoX (Yang et al. 2024)
/// has 3: of a table alphas_cumprod' = a / (3 - 2 a). Images of side d as if of side 64 have (d/64)^2: Hoogeboom et al.
/// 2023 (simple diffusion), section 3.1. What is optional of a schedule it has where the other has it; its alpha_rate
/// at data is NaN where the other's sigma_rate is infinite. Throws std::invalid_argument unless scale > 0.
template <class Schedule>
struct snr_shift {
  Schedule schedule;
  double scale = 3;

  [[nodiscard]] double alpha(double time) const {
    const values v = at(time);
    return v.a * std::sqrt(v.n / v.w);
  }
  [[nodiscard]] double sigma(double time) const {
    const values v = at(time);
    return v.s * std::sqrt(scale * v.n / v.w);
  }
  [[nodiscard]] double alpha_rate(double time) const requires has_rates<Schedule> {
    const auto [a, s, n, w] = at(time);
    const double own = schedule.alpha_rate(time) * std::fma(scale, s * s / w, a * a / n);
    return std::sqrt(n / w) * std::fma(-(scale - 1) * a * (a * a / n), s / w * schedule.sigma_rate(time), own);
  }
  [[nodiscard]] double sigma_rate(double time) const requires has_rates<Schedule> {
    const auto [a, s, n, w] = at(time);
    const double own = schedule.sigma_rate(time) * (a * a / w + s * s / n);
    return std::sqrt(scale * n / w) * std::fma((scale - 1) * s * (s * s / n), a / w * schedule.alpha_rate(time), own);
  }
  [[nodiscard]] double noise_time() const { return schedule.noise_time(); }
  [[nodiscard]] double data_time() const { return schedule.data_time(); }
  [[nodiscard]] double last_time() const requires has_last_time<Schedule> { return schedule.last_time(); }
  [[nodiscard]] int size() const requires has_size<Schedule> { return schedule.size(); }
  [[nodiscard]] double time_of(double ratio) const requires has_time_of<Schedule> {
    return schedule.time_of(ratio / std::sqrt(checked_scale()));
  }

 private:
  /// The other schedule's alpha and sigma, n = alpha^2 + sigma^2, w = alpha^2 + scale sigma^2.
  struct values {
    double a, s, n, w;
  };
  [[nodiscard]] values at(double time) const {
    const double a = schedule.alpha(time), s = schedule.sigma(time);
    return {.a = a, .s = s, .n = std::fma(a, a, s * s), .w = std::fma(a, a, checked_scale() * (s * s))};
  }
  [[nodiscard]] double checked_scale() const {
    detail::require_positive("scale", scale);
    return scale;
  }
};
template <class Schedule>
snr_shift(Schedule) -> snr_shift<Schedule>;
template <class Schedule>
snr_shift(Schedule, double) -> snr_shift<Schedule>;

}  // namespace fokker::inline v0::schedule
