// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/churn.hpp>

namespace fokker::inline v0::solver {

/// AlphaFold 3's sampler, Abramson et al. 2024, supplementary algorithm 18, in y = x/alpha and c = sigma/alpha: where
/// the step ends above gamma_min, noise up to c^ = (1 + gamma_0) c_s, with normals times noise_scale; the network is
/// called there; and Euler's step times step_scale, y_t = y + step_scale (c_t - c^) eps. gamma_min has the unit of the
/// data. Each step draws afresh and goes too far, however many there are: the law is another one than that of the
/// network's data, and there is no order.
/// The step from alpha = 0 is DDIM's, without noise. Onto data y_t = y + step_scale (D - y), as in Boltz.
struct alphafold3 {
  static constexpr int order = 0;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double gamma_0 = 0.8;
  double gamma_min = 1;
  double noise_scale = 1.003;
  double step_scale = 1.5;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("gamma_0", gamma_0);
    detail::require_not_negative("gamma_min", gamma_min);
    detail::require_not_negative("noise_scale", noise_scale);
    detail::require_not_negative("step_scale", step_scale);
    for (auto [from, t] : p.steps()) {
      const level s = raise(p, x, from, t.ratio() > gamma_min ? gamma_0 : 0, noise_scale, {0});
      const auto m = p.call(x, s);
      if (s.is_noise())
        x = t.alpha * m.data + t.sigma * m.epsilon;
      else
        x = (t.alpha / s.alpha) * x + step_scale * t.alpha * (t.ratio() - s.ratio()) * m.epsilon;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
