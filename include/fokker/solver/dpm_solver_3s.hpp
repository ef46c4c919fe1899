// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver-3, Lu et al. 2022 (arXiv:2206.00927), algorithm 2 (r1 = 1/3, r2 = 2/3) and 5: three predictions of
/// epsilon, at s and at the shares r1 and r2 of the step in log-SNR; order 3. For another r2 than 2/3, where the
/// paper's weights have order 2, those of Hochbruck & Ostermann 2005, section 5. From noise and onto data the step is
/// DDIM's, with one call.
struct dpm_solver_3s {
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
  /// A step, and how far that of order 2 is from it which DPM-Solver-2 takes with the first two predictions.
  [[nodiscard]] plan::attempt attempt(plan::builder& p, const plan::expression& x, const level& s,
                                      const level& t) const {
    return dpm_solver_step_3(p, x, s, t, r1, r2, target::epsilon);
  }
};

}  // namespace fokker::inline v0::solver
