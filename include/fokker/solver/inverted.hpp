// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// A solver of the probability-flow ODE from data to noise: a plan of it takes the levels of its grid in the other
/// order, and its run starts from what is given there. On the data themselves the network must tell the slope that the
/// solver asks for. For one-step methods of the ODE, which work in both directions: Euler's and Runge-Kutta's.
template <class Solver>
struct inverted {
  static constexpr int order = Solver::order;
  static constexpr int evaluations = Solver::evaluations;
  static constexpr int history = Solver::history;
  static constexpr bool stochastic = false;
  static constexpr bool towards_noise = true;

  Solver solver = {};

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const { return solver(p, x); }
};
template <class Solver>
inverted(Solver) -> inverted<Solver>;

}  // namespace fokker::inline v0::solver
