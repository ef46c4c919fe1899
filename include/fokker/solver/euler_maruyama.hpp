// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// Euler and Maruyama's method on the reverse SDE dy = (1 + eta) (D - y) dlambda + sqrt(2 eta) sigma/alpha dW of y =
/// x/alpha, taken in time (Song et al. 2021, eq. 6; there for x itself), in sigma/alpha or in log-SNR. With r =
/// sigma/alpha and q the fall of r by its rate at s, y_t = y_s - (1 + eta) q eps + sqrt(2 eta r_s q) z; q = r_s - r_t
/// in sigma/alpha and r_s h in log-SNR, where steps of (1 + eta) h > 2 grow without bound. The noise is additive: this
/// is Milstein's method as well. From noise the step is alpha_t D + sigma_t z (DDIM's for eta = 0), and onto data
/// alpha_t D.
struct euler_maruyama {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;
  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("eta", eta);
    const bool in_log_snr = variable == solver::variable::log_snr, time = !in_log_snr && in_time(variable, p);
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (t.is_data()) {
        x = t.alpha * m.data;
        continue;
      }
      const auto z = eta > 0 ? p.path(s, t, {2 * eta})(s, t) : plan::expression();
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * (eta > 0 ? z : plan::expression(m.epsilon));
      } else if (time) {
        const double dt = t.time - s.time;
        const double fall = dt / s.alpha * difference_of_products(s.sigma, s.alpha_rate, s.alpha, s.sigma_rate);
        x = x + dt * m.flow - eta * fall * m.epsilon + std::sqrt(2 * eta * s.sigma * fall) * z;
      } else {
        const double fall = in_log_snr
                                ? s.ratio() * log_snr_step(s, t)
                                : difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / (s.alpha * t.alpha);
        x = (t.alpha / s.alpha) * x - t.alpha * (1 + eta) * fall * m.epsilon +
            t.alpha * std::sqrt(2 * eta * s.ratio() * fall) * z;
      }
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
