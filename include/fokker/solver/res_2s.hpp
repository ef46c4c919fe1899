// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// The refined exponential solver of two stages, Zhang et al. 2023 (arXiv:2308.02157), algorithm 1 with one step: exact
/// weights b_2 = phi_2(-h) / c_2 and b_1 = phi_1(-h) - b_2 of the data predictions at s and at the share c2 of the step
/// in log-SNR; order 2. From noise and onto data the step is DDIM's, with one call.
struct res_2s {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  double c2 = 0.5;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("c2", c2, 0, 1, "above 0 and up to 1");
    const auto rows = [c2 = c2](double z) { return two_stages(z, c2); };
    for (auto [s, t] : p.steps()) x = exponential_runge_kutta(p, x, s, t, {c2}, rows, target::data);
    return x;
  }
};

}  // namespace fokker::inline v0::solver
