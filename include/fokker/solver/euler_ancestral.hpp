// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/ancestral.hpp>

namespace fokker::inline v0::solver {

/// A step of the ODE to the level sigma_down, and noise back up to sigma_t:
/// sigma_up = min(sigma_t, eta sigma_t sqrt(1 - e^{-2h})), sigma_down^2 = sigma_t^2 - sigma_up^2.
/// Crowson's k-diffusion (2022) in VE scale, here on any path; eta up to 1 is DDIM's eta, above it the noise of a step
/// is limited by its level.
struct euler_ancestral {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const ancestral split(s, t, eta);
      x = t.alpha * m.data + split.below(t).sigma * m.epsilon + split.noise(p, s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
