// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver-2M, Lu et al. 2022 (arXiv:2206.00927; 2M and its SDE in arXiv:2211.01095): the noise prediction as a
/// polynomial in log-SNR, with a = 1 + eta,
/// x_t = (alpha_t/alpha_s) x - a sigma_t (e^h - 1) eps - w (h/h') (eps - eps') + sigma_t sqrt(eta (e^{2h} - 1)) z,
/// w = a sigma_t (e^h - 1) / 2 ("midpoint") or exact, a sigma_t ((e^h - 1) / h - 1) ("heun"). Steps from noise and onto
/// data are DDIM's.
struct dpm_solver_2m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = true;

  solver::form form = form::midpoint;
  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target::epsilon, variable::log_snr,
                           multistep{.predictor = 2, .eta = eta, .published = {.form = form}});
  }
};

}  // namespace fokker::inline v0::solver
