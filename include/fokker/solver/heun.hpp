// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/variable.hpp>

namespace fokker::solver {

/// Heun's method (trapezoid) on the probability-flow ODE; in sigma/alpha Karras et al. 2022, algorithm 1, without
/// churn. The step onto data is Euler's, and so 2 N - 1 calls are N steps. The variable sigma/alpha has no limit at
/// alpha = 0: the step from there is DDIM's.
struct heun {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const bool time = in_time(variable, p);
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (!time && s.is_noise()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      const double h = time ? t.time - s.time : t.alpha * (t.ratio() - s.ratio());
      const auto slope = [time](const plan::prediction& at) { return time ? at.flow : at.epsilon; };
      const auto start = time ? x : (t.alpha / s.alpha) * x;
      x = start + h * slope(m);
      if (t.is_data()) continue;
      const auto n = p.call(x, t);
      x = start + h / 2 * (slope(m) + slope(n));
    }
    return x;
  }
};

}  // namespace fokker::solver
