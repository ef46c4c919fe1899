// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::solver {

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
    if (!(detail::is_finite(eta) && eta >= 0)) detail::refuse("eta", eta, "a number >= 0");
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const double up = std::min(1.0, eta * std::sqrt(fresh_share(s, t)));
      const double down = std::sqrt((1 - up) * (1 + up));
      x = t.alpha * m.data + t.sigma * down * m.epsilon;
      if (up > 0 && !t.is_data()) x = x + t.sigma * up * p.path(s, t)(s, t);
    }
    return x;
  }
};

}  // namespace fokker::solver
