// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// CFG++, Chung et al. 2024, algorithm 2: DDIM with the guided data and the noise of the unguided network,
/// x_t = alpha_t D + sqrt(sigma_t^2 - w^2) eps_other + w z, w = eta sigma_t sqrt(1 - e^{-2h}). The last denoiser is the
/// unguided one, as guidance::classifier_free orders them; with one denoiser it is DDIM. Scales are 0 to 1 in the
/// paper, for guidance adds up over steps instead of over time. Exact at both ends.
struct ddim_cfg_pp {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    if (!(detail::is_finite(eta) && eta >= 0 && eta <= 1)) detail::refuse("eta", eta, "0 to 1");
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (m.branch.size() > 2) detail::refuse("guidance.branches", m.branch.size(), "1 or 2, the last one unguided");
      const double w = detail::rounded_product(eta, std::sqrt(fresh_share(s, t)));  // of sigma_t
      x = t.alpha * m.data + t.sigma * std::sqrt((1 - w) * (1 + w)) * m.branch.back().epsilon;
      if (w > 0 && !t.is_data()) x = x + t.sigma * w * p.path(s, t, {2 * eta * eta})(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
