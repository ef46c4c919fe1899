// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// The variance of a reverse step: that of the posterior, that of the forward step, or none at all, which collapses
/// samples towards the mean of the data and is there to show it; or what the network says, as the logarithm of the
/// variance (learned) or as where it lies between the first two logarithms, -1 to 1 (learned_range).
enum class ddpm_variance { fixed_small, fixed_large, noiseless, learned, learned_range };

/// The posterior of the forward process at the predicted data, Ho, Jain & Abbeel 2020, eq. 7 and algorithm 2, on any
/// path: mean alpha_t (1 - e^{-2h}) D + e^{-h} (sigma_t / sigma_s) x, deviation sqrt(1 - e^{-2h}) times sigma_t
/// (fixed_small) or sigma_s (fixed_large: for a preserved variance this is sqrt(beta)). No noise is added on the data.
/// Learned variances are those of Nichol & Dhariwal 2021, eq. 15, and need parameterization::learned_variance.
struct ddpm {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  ddpm_variance variance = ddpm_variance::fixed_small;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const double fresh = fresh_share(s, t);
      x = t.alpha * fresh * m.data + decay(s, t) * (t.sigma / s.sigma) * x;
      if (variance == ddpm_variance::noiseless || t.is_data()) continue;
      const auto z = p.path(s, t)(s, t);
      if (variance == ddpm_variance::learned) {
        x = x + p.learned(z, 0.5, 0);
      } else if (variance == ddpm_variance::learned_range) {
        const double small = std::log(t.sigma * std::sqrt(fresh)), large = std::log(s.sigma * std::sqrt(fresh));
        x = x + p.learned(z, (large - small) / 2, (large + small) / 2);
      } else {
        x = x + (variance == ddpm_variance::fixed_small ? t.sigma : s.sigma) * std::sqrt(fresh) * z;
      }
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
