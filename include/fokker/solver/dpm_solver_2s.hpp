// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver-2, Lu et al. 2022 (arXiv:2206.00927), algorithm 1 (r1 = 1/2) and 4: in y = x/alpha two predictions of
/// epsilon, at s and at the share r1 of the step in log-SNR, y_t = y_s - sigma_t/alpha_t (e^h - 1) [(1 - 1/2r1) eps +
/// 1/2r1 eps_1]; order 2. From noise and onto data the step is DDIM's, with one call.
struct dpm_solver_2s {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  double r1 = 0.5;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) x = attempt(p, x, s, t).next;
    return x;
  }
  /// A step, and how far DDIM's is from it.
  [[nodiscard]] plan::attempt attempt(plan::builder& p, const plan::expression& x, const level& s,
                                      const level& t) const {
    return dpm_solver_step_2(p, x, s, t, r1, target::epsilon);
  }
};

}  // namespace fokker::inline v0::solver
