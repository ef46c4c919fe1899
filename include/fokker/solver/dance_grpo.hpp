// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// Euler and Maruyama's steps in time on the straight path, for the reverse SDE of the diffusion g(s, t):
/// x_t = x + dt (v + g^2 / (2 sigma_s) eps) + g sqrt(-dt) z, v the flow; onto data x_t = D. Of another path
/// x / (alpha + sigma) is on the straight one, at time sigma / (alpha + sigma).
template <class Diffusion>
[[nodiscard]] plan::expression take_straight_sde(plan::builder& p, plan::expression x, plan::clock clock,
                                                 Diffusion diffusion) {
  for (auto [s, t] : p.steps()) {
    const auto m = p.call(x, s);
    x = t.alpha * m.data;
    if (t.is_data()) continue;
    const double g = diffusion(s, t), scale = t.alpha + t.sigma;
    const double fall =  // of time, by x's scale at t
        difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / (s.alpha + s.sigma);
    x = x + std::fma(-(g * g / 2) * (s.alpha + s.sigma), fall / s.sigma, t.sigma) * m.epsilon;
    if (g > 0) x = x + g * std::sqrt(fall * scale) * p.path(s, t, clock)(s, t);
  }
  return x;
}

/// DanceGRPO, Xue et al. 2025 (arXiv:2505.07818): Euler and Maruyama's method in time with the diffusion g = eta at
/// all levels, on any path as on the straight one. stepper::log_density tells its log-probabilities. No noise is drawn
/// on the data, which the published code does: x = D there.
struct dance_grpo {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0.3;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("eta", eta);
    return take_straight_sde(p, static_cast<plan::expression&&>(x), {0},
                             [this](const level&, const level&) { return eta; });
  }
};

}  // namespace fokker::inline v0::solver
