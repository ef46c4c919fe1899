// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver::compat {

/// DPM-Solver++(3M) as Lu et al. (arXiv:2211.01095) and diffusers have it, and with eta = 1 k-diffusion's 3M SDE:
/// the second difference has half of its exact weight, D0 + D1 + D2 at phi_1, phi_2, phi_3 instead of 2 phi_3, so that
/// the order is 2, not 3. The second step is of two predictions, weighed by `form`: diffusers' default is midpoint,
/// k-diffusion's is heun.
struct dpmpp_3m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 2;
  static constexpr bool stochastic = true;

  solver::form form = form::midpoint;
  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target::data, variable::log_snr,
                           multistep{.predictor = 3, .eta = eta, .published = {form, 0.5}});
  }
};

}  // namespace fokker::inline v0::solver::compat
