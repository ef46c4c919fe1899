// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// Data, and noise afresh: x_t = alpha_t D + sqrt(sigma_t^2 - (alpha_t sigma_min)^2) z, for networks that are trained
/// to predict the end of the flow. Luo et al. 2023 (LCM), algorithm 3, where sigma_min is 0; Song et al. 2023
/// (consistency models), algorithm 1, where it is the sigma/alpha at which the consistency function is x itself. It
/// follows no equation: the law is exact where the network is exact, and more steps correct its errors. s_noise
/// multiplies the normals.
struct lcm {
  static constexpr int order = 0;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double sigma_min = 0;
  double s_noise = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("sigma_min", sigma_min);
    detail::require_not_negative("s_noise", s_noise);
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      x = t.alpha * m.data;
      const double least = detail::rounded_product(t.alpha, sigma_min);
      if (t.sigma > least) x = x + s_noise * std::sqrt((t.sigma - least) * (t.sigma + least)) * p.path(s, t, {0})(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
