// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// Exponential Adams: the exact step where the target is the polynomial through its last `Order` values, and with
/// `Corrects` through the new one as well, which needs no further call (predict, evaluate, correct; order + 1). Exact
/// weights of DPM-Solver(++), DEIS, UniPC and SA-Solver, for any target, variable and eta (Hochbruck & Ostermann 2010,
/// section 2.5). The first steps have what history there is. Where the variable has no limit, from noise and onto data,
/// the step is DDIM's.
template <int Order, bool Corrects = false>
struct exp_adams {
  static_assert(Order >= 1 && Order <= 6, "fokker: exp_adams has order 1 to 6");
  static constexpr int order = Order + Corrects;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1 + Corrects;
  static constexpr bool stochastic = true;

  solver::target target = target::data;
  solver::variable variable = variable::natural;
  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target, variable,
                           multistep{.predictor = Order, .corrector = Corrects ? Order + 1 : 0, .eta = eta});
  }
};

}  // namespace fokker::inline v0::solver
