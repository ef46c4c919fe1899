// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// euler_ancestral by the rule of rectified flows (ComfyUI's `euler_ancestral` for flow networks, LTX-Video's ancestral
/// scheduler): the ODE goes to r sigma_t, r = 1 - eta (1 - sigma_t/sigma_s), sigma that of a straight path, and noise
/// leads back. On any path sigma/(alpha + sigma) is that sigma, and so x_t = alpha_t D + sigma_t (d eps + sqrt(1 - d^2)
/// z), 1 - d = eta (1 - e^{-h}) alpha_t / (alpha_t + (1 - r) sigma_t). Less noise than DDPM's for eta = 1; s_noise
/// multiplies the normals. Exact at both ends.
struct euler_ancestral_rf {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;
  double s_noise = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_within("eta", eta, 0, 1);
    detail::require_not_negative("s_noise", s_noise);
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const double beyond = eta * gain(s, t) * t.alpha / (t.alpha + t.sigma);  // 1 - r
      const double lost = eta * gain(s, t) * t.alpha / std::fma(beyond, t.sigma, t.alpha);
      x = t.alpha * m.data + t.sigma * (1 - lost) * m.epsilon;
      if (lost > 0 && !t.is_data())
        x = x + s_noise * t.sigma * std::sqrt(lost * (2 - lost)) * p.path(s, t, {2 * eta})(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
