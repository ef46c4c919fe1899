// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// The reverse diffusion predictor, Song et al. 2021, algorithm 2 (variance exploding), here on any path by y =
/// x/alpha: with r = sigma/alpha, y_t = y_s - (r_s^2 - r_t^2) / r_s eps + sqrt(r_s^2 - r_t^2) z. Euler and Maruyama's
/// method in (sigma/alpha)^2. From noise the step is alpha_t D + sigma_t z, and onto data, without the noise, alpha_t
/// D.
struct reverse_diffusion {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      x = t.alpha * m.data;
      if (t.is_data()) continue;
      const auto z = p.path(s, t)(s, t);
      // y_s = D + r_s eps, so that r_t^2 / r_s of eps is left; r_s^2 - r_t^2 = r_s^2 (1 - e^{-2h}).
      x = x + t.sigma * decay(s, t) * m.epsilon +
          (s.is_noise() ? t.sigma : t.alpha * s.ratio() * std::sqrt(fresh_share(s, t))) * z;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
