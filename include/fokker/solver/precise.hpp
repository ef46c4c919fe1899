// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/ddim.hpp>

namespace fokker::inline v0::solver {

/// "Precise" (arXiv:2605.23522): DDIM with the deviation s = sigma_t sqrt(1 - e^{-eta^2 h}), the SDE of flow_grpo in
/// one exponential step: exp_adams<1> of the data in log-SNR with eta^2 / 2. eta = sqrt(2) has the deviation of DDPM.
struct precise {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0.7;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("eta", eta);
    return take_shares_of_noise(p, static_cast<plan::expression&&>(x), {eta * eta},
                                [this](const level& s, const level& t) {
                                  if (eta == 0) return 0.0;
                                  if (s.is_noise() || t.is_data()) return 1.0;
                                  return std::sqrt(-std::expm1(-eta * eta * log_snr_step(s, t)));
                                });
  }
};

}  // namespace fokker::inline v0::solver
