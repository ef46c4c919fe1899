// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver-3 for predictions of the data, as in Lu et al.'s dpm-solver ("singlestep", order 3): at s and at the
/// shares r1 and r2 of the step in log-SNR; order 3. For another r2 than 2/3, where that form has order 2, the weights
/// of Hochbruck & Ostermann 2005, section 5. From noise and onto data the step is DDIM's, with one call.
struct dpmpp_3s {
  static constexpr int order = 3;
  static constexpr int evaluations = 3;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  double r1 = 1.0 / 3;
  double r2 = 2.0 / 3;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) x = attempt(p, x, s, t).next;
    return x;
  }
  /// A step, and how far that of order 2 is from it which DPM-Solver++(2S) takes with the first two predictions.
  [[nodiscard]] plan::attempt attempt(plan::builder& p, const plan::expression& x, const level& s,
                                      const level& t) const {
    detail::require_share("r1", r1, 0, 2.0 / 3 - detail::least_share, "above 0 and below 2/3");
    detail::require_share("r2", r2, r1, 1, "above r1 and up to 1");
    const auto rows = [this](double z) { return three_stages(z, r1, r2, third_order(r1, r2)); };
    const auto lower = [this](double z) { return two_stages_of_phi_1(z, r1).back(); };
    return exponential_pair(p, x, s, t, {r1, r2}, rows, lower, target::data);
  }
};

}  // namespace fokker::inline v0::solver
