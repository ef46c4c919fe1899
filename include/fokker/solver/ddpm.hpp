// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::solver {

/// The variance of a reverse step: that of the posterior, that of the forward step, or none at all, which collapses
/// samples towards the mean of the data and is there to show it.
enum class ddpm_variance { fixed_small, fixed_large, noiseless };

/// The posterior of the forward process at the predicted data, Ho, Jain & Abbeel 2020, eq. 7 and algorithm 2, on any
/// path: mean alpha_t (1 - e^{-2h}) D + e^{-h} (sigma_t / sigma_s) x, deviation sqrt(1 - e^{-2h}) times sigma_t
/// (fixed_small) or sigma_s (fixed_large: for a preserved variance this is sqrt(beta)). No noise is added on the data.
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
      x = x + (variance == ddpm_variance::fixed_small ? t.sigma : s.sigma) * std::sqrt(fresh) * p.path(s, t)(s, t);
    }
    return x;
  }
};

}  // namespace fokker::solver
