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
    return dpm_solver_step_3(p, x, s, t, r1, r2, target::data);
  }
};

}  // namespace fokker::inline v0::solver
