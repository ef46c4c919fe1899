// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// SDE-DPM-Solver++(2M), Lu et al. 2022 (arXiv:2211.01095), here with eta of the reverse SDE's noise as in Crowson's
/// k-diffusion: with g = 1 - e^{-(1 + eta) h},
/// x_t = (sigma_t/sigma_s) e^{-eta h} x + alpha_t g D + w (h/h') (D - D') + sigma_t sqrt(1 - e^{-2 eta h}) z,
/// w = alpha_t g / 2 ("midpoint") or exact, alpha_t (1 - g / ((1 + eta) h)) ("heun"). Weak order 2.
struct sde_dpmpp_2m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = true;

  solver::form form = form::midpoint;
  double eta = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target::data, variable::log_snr,
                           multistep{.predictor = 2, .eta = eta, .published = {.form = form}});
  }
};

}  // namespace fokker::inline v0::solver
