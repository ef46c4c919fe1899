// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/ancestral.hpp>

namespace fokker::inline v0::solver {

/// k-diffusion's DPM++ SDE (Crowson 2022), after Lu et al. 2022 (arXiv:2211.01095): DPM-Solver++(2S), each stage an
/// ancestral step of its own: y_m = D + down_m (y_s - D) + up_m w(s, m), and the same to t with (1 - 1/2r) D + 1/2r
/// D_m. Both noises are increments of one Brownian motion in sigma/alpha, w(s, t) = sqrt(v) w(s, m) + sqrt(1 - v) w(m,
/// t), v the share of the stage: weak order 2, and 1 with independent ones. From noise the step is alpha_t D + up z +
/// down eps, onto data alpha_t D, with one call each.
struct dpmpp_sde {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;
  double r = 0.5;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("r", r, 0, 1 - detail::least_share, "between 0 and 1");
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      ancestral to_end(s, t, eta);
      to_end.clock = {-1};
      x = t.alpha * m.data + to_end.below(t).sigma * m.epsilon;
      if (s.is_noise() || t.is_data()) {
        x = x + to_end.noise(p, s, t);
        continue;
      }
      const level middle = p.at_ratio(s.ratio() * std::exp(-r * log_snr_step(s, t)));
      const ancestral to_middle(s, middle, eta);
      const plan::expression mean = middle.alpha * m.data + to_middle.below(middle).sigma * m.epsilon;
      const double up = middle.sigma * to_middle.up;
      auto w = p.path(s, t, {-1});
      plan::expression y = mean + up * w(s, middle);
      const auto n = p.call(y, middle);
      const double v = (s.ratio() - middle.ratio()) / (s.ratio() - t.ratio());
      x = x + t.alpha * std::fma(-to_end.down, decay(s, t), 1) / (2 * r) * (n.data - m.data);
      if (up > 0)  // the first noise is in y already
        x = x + t.sigma * to_end.up * std::sqrt(v) / up * (y - mean) +
            t.sigma * to_end.up * std::sqrt(1 - v) * w(middle, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
