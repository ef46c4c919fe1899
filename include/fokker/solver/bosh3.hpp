// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

namespace tableaus {

/// Ralston 1962: the three stages whose bound of the error is least.
inline constexpr tableau<3> ralston_3{.nodes = {0, 0.5, 0.75},
                                      .weights = {{{0.5}, {0, 0.75}, {2.0 / 9, 1.0 / 3, 4.0 / 9}}}};

}  // namespace tableaus

/// The third-order method of Bogacki & Shampine 1989 on the probability-flow ODE, with fixed steps: the fourth stage
/// of the pair is the first of the next step.
struct bosh3 {
  static constexpr int order = 3;
  static constexpr int evaluations = 3;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return runge_kutta(tableaus::ralston_3, variable, p, x);
  }
  /// A step, and how far the pair's method of order 2 is from it.
  [[nodiscard]] plan::attempt attempt(plan::builder& p, const plan::expression& x, const level& s,
                                      const level& t) const {
    return runge_kutta_pair(tableaus::ralston_3, {-5.0 / 72, 1.0 / 12, 1.0 / 9, -1.0 / 8}, variable, p, x, s, t);
  }
};

}  // namespace fokker::inline v0::solver
