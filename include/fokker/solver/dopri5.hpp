// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

namespace tableaus {

inline constexpr tableau<6> dormand_prince{
    .nodes = {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1},
    .weights = {{{1.0 / 5},
                 {3.0 / 40, 9.0 / 40},
                 {44.0 / 45, -56.0 / 15, 32.0 / 9},
                 {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                 {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                 {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}}}};

}  // namespace tableaus

/// The fifth-order method of Dormand & Prince 1980 (RK5(4)7M) on the probability-flow ODE, with fixed steps: the
/// seventh stage of the pair is the first of the next step. The step onto data is Euler's, unless the network
/// tells the slope there.
struct dopri5 {
  static constexpr int order = 5;
  static constexpr int evaluations = 6;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return runge_kutta(tableaus::dormand_prince, variable, p, x);
  }
  /// A step, and how far the pair's method of order 4 is from it.
  [[nodiscard]] plan::attempt attempt(plan::builder& p, const plan::expression& x, const level& s,
                                      const level& t) const {
    return runge_kutta_pair(tableaus::dormand_prince,
                            {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40},
                            variable, p, x, s, t);
  }
};

}  // namespace fokker::inline v0::solver
