// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// The steps of `tcd`; `below(t)` is the time beyond t that DDIM's step goes to.
template <class Below>
[[nodiscard]] plan::expression take_tcd(plan::builder& p, plan::expression x, Below below) {
  for (auto [s, t] : p.steps()) {
    const auto m = p.call(x, s);
    const level beyond = t.is_data() ? t : p.at(below(t));
    const double down = towards_data(t, beyond) ? decay(t, beyond) : 1;
    x = t.alpha * m.data + t.sigma * down * m.epsilon;
    if (down < 1) x = x + t.sigma * std::sqrt((1 - down) * (1 + down)) * p.path(s, t, {0})(s, t);
  }
  return x;
}

/// A step of DDIM beyond t, to the level u at time (1 - gamma) t, and then noise back up to t:
///     x_t = alpha_t D + sigma_t (d eps + sqrt(1 - d^2) z),  d = (sigma_u / alpha_u) / (sigma_t / alpha_t).
/// Zheng et al. 2024 (TCD), algorithm 4 ("strategic stochastic sampling"). Times count from the data, as timesteps do.
/// gamma = 0 is DDIM, gamma = 1 draws all noise afresh. No noise is added on the data.
struct tcd {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double gamma = 0.3;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_within("gamma", gamma, 0, 1);
    return take_tcd(p, static_cast<plan::expression&&>(x), [this](const level& t) { return (1 - gamma) * t.time; });
  }
};

}  // namespace fokker::inline v0::solver
