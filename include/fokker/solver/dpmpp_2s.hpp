// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver++(2S), Lu et al. 2022 (arXiv:2211.01095), algorithm 1: two predictions of the data, at s and at the share
/// r1 of the step in log-SNR, x_t = sigma_t/sigma_s x_s + alpha_t (1 - e^{-h}) [(1 - 1/2r1) D + 1/2r1 D_1]; order 2.
/// From noise and onto data the step is DDIM's, with one call.
struct dpmpp_2s {
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
    return dpm_solver_step_2(p, x, s, t, r1, target::data);
  }
};

}  // namespace fokker::inline v0::solver
