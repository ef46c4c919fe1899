// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// The refined exponential solver of three stages, Zhang et al. 2023 (arXiv:2308.02157), with the weights of Hochbruck
/// & Ostermann 2005, section 5: data predictions at s and at the shares c2 and c3 of the step in log-SNR, gamma = (3
/// c3^2 - 2 c3) / (c2 (2 - 3 c2)); order 3. From noise and onto data the step is DDIM's, with one call.
struct res_3s {
  static constexpr int order = 3;
  static constexpr int evaluations = 3;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  double c2 = 0.5;
  double c3 = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("c2", c2, 0, 2.0 / 3 - detail::least_share, "above 0 and below 2/3");
    detail::require_share("c3", c3, c2, 1, "above c2 and up to 1");
    const auto rows = [this](double z) { return three_stages(z, c2, c3, third_order(c2, c3)); };
    for (auto [s, t] : p.steps()) x = exponential_runge_kutta(p, x, s, t, {c2, c3}, rows, target::data);
    return x;
  }
};

}  // namespace fokker::inline v0::solver
