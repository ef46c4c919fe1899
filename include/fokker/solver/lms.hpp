// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exp_adams.hpp>

namespace fokker::inline v0::solver {

/// Linear multistep, Crowson's k-diffusion (2022): Adams and Bashforth's method on dy/d(sigma/alpha) = eps, y =
/// x/alpha, with the weights of unequal steps in closed form. A step onto data is like any other. From noise, where
/// sigma/alpha is infinite, the step is DDIM's.
template <int Order = 4>
struct lms {
  static constexpr int order = Order;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return exp_adams<Order>{.target = target::epsilon, .variable = variable::ratio}(p, x);
  }
};

}  // namespace fokker::inline v0::solver
