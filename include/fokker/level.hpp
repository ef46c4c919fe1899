// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <fokker/detail/rounded_product.hpp>

namespace fokker::inline v0 {

/// A point on a Gaussian path x = alpha x0 + sigma eps. Noise is where alpha == 0, data where sigma == 0:
/// ends are recognised by these two numbers, and no formula computes with an infinity.
/// Rates are the derivatives in time, NaN where the schedule does not tell them; the label is what the network is
/// told, NaN until the user or the parameterization gives it.
struct level {
  double time = 0;
  double alpha = 1;
  double sigma = 0;
  double alpha_rate = unknown;
  double sigma_rate = unknown;
  double label = unknown;

  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] constexpr bool is_data() const { return sigma == 0; }
  [[nodiscard]] constexpr bool is_noise() const { return alpha == 0; }
  [[nodiscard]] double log_snr() const { return std::log(alpha / sigma); }  ///< half log-SNR
  [[nodiscard]] constexpr double ratio() const { return sigma / alpha; }    ///< sigma/alpha
};

/// a b - c d to 1.5 ulp (Kahan; Jeannerod, Louvet & Muller 2013), where the plain difference may lose every digit.
[[nodiscard]] inline double difference_of_products(double a, double b, double c, double d) {
  const double cd = c * d;
  const double error = std::fma(c, d, -cd);
  const double difference = std::fma(a, b, -cd);
  return difference - error;
}

/// e^{-h} = alpha_s sigma_t / (alpha_t sigma_s) of a step s -> t towards data; 0 at either end.
[[nodiscard]] inline double decay(const level& s, const level& t) { return (s.alpha * t.sigma) / (t.alpha * s.sigma); }

/// 1 - e^{-h}, without cancellation; 1 at either end.
[[nodiscard]] inline double gain(const level& s, const level& t) {
  return difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / (t.alpha * s.sigma);
}

/// 1 - e^{-2h}: the share of the noise at t that the reverse SDE draws afresh.
[[nodiscard]] inline double fresh_share(const level& s, const level& t) {
  return detail::rounded_product(gain(s, t), 1 + decay(s, t));
}

/// h = lambda_t - lambda_s > 0, from the difference itself rather than from two logarithms.
/// Infinite where the step starts at noise or ends at data: callers ask for the ends first.
[[nodiscard]] inline double log_snr_step(const level& s, const level& t) {
  const double difference = difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma);
  return std::log1p(difference / (s.alpha * t.sigma));
}

/// Whether t lies strictly nearer to data than s: sigma_t / alpha_t < sigma_s / alpha_s, also at both ends.
[[nodiscard]] inline bool towards_data(const level& s, const level& t) {
  return difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) > 0;
}

}  // namespace fokker::inline v0
