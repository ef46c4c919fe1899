// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver++(2M), Lu et al. 2022 (arXiv:2211.01095), algorithm 2: the exponential integrator of the ODE in log-SNR,
/// x_t = alpha_t D + sigma_t eps + w (h/h') (D - D'), with D' and h' of the step before. w is alpha_t (1 - e^{-h}) / 2
/// ("midpoint") or exact, alpha_t (1 - (1 - e^{-h}) / h) ("heun"); order 2. First order where there is no history: the
/// first step, the one after noise, and the one onto data.
struct dpmpp_2m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  solver::form form = form::midpoint;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return take_multisteps(p, x, target::data, variable::log_snr,
                           multistep{.predictor = 2, .published = {.form = form}});
  }
};

}  // namespace fokker::inline v0::solver
