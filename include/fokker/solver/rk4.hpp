// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

namespace tableaus {

inline constexpr tableau<4> rk4{.nodes = {0, 0.5, 0.5, 1},
                                .weights = {{{0.5}, {0, 0.5}, {0, 0, 1}, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}}}};

}  // namespace tableaus

/// The classical Runge-Kutta method on the probability-flow ODE (Kutta 1901, p. 443). The step onto data is Euler's,
/// unless the network tells the slope there.
struct rk4 {
  static constexpr int order = 4;
  static constexpr int evaluations = 4;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return runge_kutta(tableaus::rk4, variable, p, x);
  }
};

}  // namespace fokker::inline v0::solver
