// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/churn.hpp>
#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// A step of `heun` in time, or else in sigma/alpha.
[[nodiscard]] inline plan::expression heun_step(plan::builder& p, plan::expression x, const level& s, const level& t,
                                                bool time) {
  const auto m = p.call(x, s);
  if (!time && s.is_noise()) return t.alpha * m.data + t.sigma * m.epsilon;
  const double h = time ? t.time - s.time : t.alpha * (t.ratio() - s.ratio());
  const auto slope = [time](const plan::prediction& at) { return time ? at.flow : at.epsilon; };
  const auto start = time ? x : (t.alpha / s.alpha) * x;
  x = start + h * slope(m);
  if (!has_slope(p, t, time)) return x;
  const auto n = p.call(x, t);
  return start + h / 2 * (slope(m) + slope(n));
}

/// Heun's method (trapezoid) on the probability-flow ODE; in sigma/alpha Karras et al. 2022, algorithm 1, and with
/// churn, noise that is added before each step, algorithm 2. The step onto data is Euler's, and so 2 N - 1 calls are N
/// steps, unless the network tells the slope there. The variable sigma/alpha has no limit at alpha = 0: the step from
/// there is DDIM's.
struct heun {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  solver::variable variable = solver::variable::natural;
  solver::churn churn = no_churn;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const bool time = in_time(variable, p);
    for (auto [s, t] : p.steps()) {
      const level from = churn(p, x, s);
      x = heun_step(p, x, from, t, time);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
