// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/dance_grpo.hpp>

namespace fokker::inline v0::solver {

/// Flow-GRPO, Liu et al. 2025 (arXiv:2505.05470): Euler and Maruyama's method in time with the diffusion g = eta
/// sqrt(sigma_s / alpha_s), on any path as on the straight one: that of the SDE of eta^2 / 2, as euler_maruyama has it.
/// From pure noise, where g has no limit, it is that of t, as in the published code; which draws noise on the data as
/// well, where here x = D.
struct flow_grpo {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0.7;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("eta", eta);
    return take_straight_sde(
        p, static_cast<plan::expression&&>(x), {eta * eta},
        [this](const level& s, const level& t) { return eta * std::sqrt((s.is_noise() ? t : s).ratio()); });
  }
};

}  // namespace fokker::inline v0::solver
