// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>

namespace fokker::inline v0::detail {

/// The sum of (a + b)_n / (a + 1)_n x^n: positive terms alone, for x up to 1/2.
/// I_x(a, b) = x^a (1 - x)^b / (a B(a, b)) times it (DLMF 8.17.8).
[[nodiscard]] inline double beta_series(double x, double a, double b) {
  double sum = 1, term = 1;
  for (int n = 0; term > 1e-17 * sum; ++n) sum += term = rounded_product(term, (a + b + n) / (a + 1 + n) * x);
  return sum;
}

/// The x up to 1/2 at which I_x(a, b) = p, by Newton's method in log x from the leading term. The slope there,
/// a / ((1 - x) series), goes one way in x, so that the iterates do, too.
[[nodiscard]] inline double lower_beta_quantile(double p, double a, double b, double log_a_beta) {
  const double log_half = std::log(0.5), target = std::log(p) + log_a_beta;
  double log_x = (std::min)(log_half, target / a);
  for (int i = 0; i < 100; ++i) {
    const double x = std::exp(log_x), series = beta_series(x, a, b);
    const double off = std::fma(a, log_x, std::fma(b, std::log1p(-x), std::log(series) - target));
    const double step = off * (1 - x) * series / a;
    log_x = (std::min)(log_half, log_x - step);
    if (std::abs(step) < 1e-9) break;  // convergence is quadratic
  }
  return std::exp(log_x);
}

/// The x at which the regularised incomplete beta function I_x(a, b) is p, for 0 <= p <= 1 and a, b from 1/4 to 50.
[[nodiscard]] inline double beta_quantile(double p, double a, double b) {
  if (p == 0 || p == 1 || (p == 0.5 && a == b)) return p;
  const double beta = std::tgamma(a) / std::tgamma(a + b) * std::tgamma(b);
  const double half = std::exp2(-a - b) / (a * beta) * beta_series(0.5, a, b);  // I_{1/2}(a, b)
  return p <= half ? lower_beta_quantile(p, a, b, std::log(a * beta))
                   : 1 - lower_beta_quantile(1 - p, b, a, std::log(b * beta));
}

/// Throws unless a and b are numbers that `beta_quantile` is good for.
inline void require_beta(double a, double b) {
  const auto good = [](double c) { return c >= 0.25 && c <= 50; };
  if (!good(a)) refuse("a", a, "0.25 to 50");
  if (!good(b)) refuse("b", b, "0.25 to 50");
}

}  // namespace fokker::inline v0::detail
