// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// SEEDS-3, Gonzalez et al. 2023 (arXiv:2305.14267), in data prediction: DPM-Solver-3 for dy = (1 + eta) (D - y)
/// dlambda + sqrt(2 eta) sigma/alpha dW, the noise of its stages that of one path; order 3 of the ODE, weak order 2.
/// For another r2 than 2/3 the weights of Hochbruck & Ostermann 2005, section 5. From noise the step is alpha_t D +
/// sigma_t z, and onto data alpha_t D, with one call each.
struct seeds_3 {
  static constexpr int order = 3;
  static constexpr int evaluations = 3;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;
  double r1 = 1.0 / 3;
  double r2 = 2.0 / 3;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("r1", r1, 0, 2.0 / 3 - detail::least_share, "above 0 and below 2/3");
    detail::require_share("r2", r2, r1, 1, "above r1 and up to 1");
    const auto rows = [this](double z) { return three_stages(z, r1, r2, third_order(r1, r2)); };
    for (auto [s, t] : p.steps()) x = exponential_runge_kutta(p, x, s, t, {r1, r2}, rows, target::data, eta);
    return x;
  }
};

}  // namespace fokker::inline v0::solver
