// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// The weight of the second stage: that of DPM-Solver, or the exact one.
enum class seeds_weights { phi_1, phi_2 };

/// SEEDS-2, Gonzalez et al. 2023 (arXiv:2305.14267), in data prediction: two stages, at s and at the share r of the
/// step in log-SNR, for dy = (1 + eta) (D - y) dlambda + sqrt(2 eta) sigma/alpha dW, the noise of both that of one
/// path; with z = -(1 + eta) h the weight of the second is phi_1(z) / 2r (DPM-Solver's form) or phi_2(z) / r (exact).
/// Order 2 of the ODE, weak order 2. From noise the step is alpha_t D + sigma_t z, and onto data alpha_t D, with one
/// call each.
struct seeds_2 {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;
  double r = 0.5;
  seeds_weights weights = seeds_weights::phi_1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("r", r, 0, 1, "above 0 and up to 1");
    const auto rows = [this](double z) {
      return weights == seeds_weights::phi_1 ? two_stages_of_phi_1(z, r) : two_stages(z, r);
    };
    for (auto [s, t] : p.steps()) x = exponential_runge_kutta(p, x, s, t, {r}, rows, target::data, eta);
    return x;
  }
};

}  // namespace fokker::inline v0::solver
