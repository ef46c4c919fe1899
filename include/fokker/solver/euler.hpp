// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/churn.hpp>
#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// Euler's method on the probability-flow ODE, Song et al. 2021, eq. 13; in sigma/alpha Karras et al. 2022,
/// algorithm 1. In sigma/alpha, and on a straight path in time, it is DDIM to the last digit. The variable sigma/alpha
/// has no limit at alpha = 0: the step from there is DDIM's. With churn, noise is added before each step.
struct euler {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  solver::variable variable = solver::variable::natural;
  solver::churn churn = no_churn;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [from, t] : p.steps()) {
      const level s = churn(p, x, from);
      const auto m = p.call(x, s);
      if (in_time(variable, p))
        x = x + (t.time - s.time) * m.flow;
      else if (s.is_noise())
        x = t.alpha * m.data + t.sigma * m.epsilon;
      else
        x = (t.alpha / s.alpha) * x + t.alpha * (t.ratio() - s.ratio()) * m.epsilon;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
