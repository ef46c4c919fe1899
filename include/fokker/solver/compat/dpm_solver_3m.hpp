// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver::compat {

/// DPM-Solver-3M as Lu et al. (arXiv:2206.00927) and diffusers have it: the second difference of the noise predictions
/// has half of its exact weight, phi_3 instead of 2 phi_3, so that the order is 2, not 3. The second step is of two
/// predictions, weighed by `form`.
struct dpm_solver_3m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 2;
  static constexpr bool stochastic = false;

  solver::form form = form::midpoint;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target::epsilon, variable::log_snr,
                           multistep{.predictor = 3, .published = {form, 0.5}});
  }
};

}  // namespace fokker::inline v0::solver::compat
