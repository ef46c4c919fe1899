// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// Where a network of two levels says that x goes: it is told both, and data D and noise eps of its prediction are
/// those whose path leads there, x_t = alpha_t D + sigma_t eps. With `average_velocity` that is MeanFlow (Geng et al.
/// 2025), with `data` the jump of consistency trajectory models. No discretisation of a flow: where the network is
/// exact, any number of calls is. With gamma a step goes to the level u below t, sigma_u / alpha_u being
/// sqrt(1 - gamma^2) of that of t, and noise leads back up: x_t = alpha_t D + sigma_t (sqrt(1 - gamma^2) eps +
/// gamma z). Kim et al. 2024 (CTM), algorithm 3; gamma = 1 is `lcm`. No noise is added on the data.
struct flow_map {
  static constexpr int order = 0;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;
  static constexpr bool two_levels = true;

  double gamma = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_within("gamma", gamma, 0, 1);
    const double down = std::sqrt((1 - gamma) * (1 + gamma));
    for (auto [s, t] : p.steps()) {
      const bool further = gamma > 0 && !t.is_data();
      const auto m = p.call(x, s, further ? p.at_ratio(down * t.ratio()) : t);
      x = t.alpha * m.data + t.sigma * down * m.epsilon;
      if (further) x = x + t.sigma * gamma * p.path(s, t, {0})(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
