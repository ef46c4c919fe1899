// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

namespace tableaus {

inline constexpr tableau<2> midpoint{.nodes = {0, 0.5}, .weights = {{{0.5}, {0, 1}}}};

}  // namespace tableaus

/// The explicit midpoint rule on the probability-flow ODE (Runge 1895): the slope half-way is that of the step.
struct midpoint {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return runge_kutta(tableaus::midpoint, variable, p, x);
  }
};

}  // namespace fokker::inline v0::solver
