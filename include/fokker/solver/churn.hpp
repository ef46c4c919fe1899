// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// x at a noisier level: x_t = (alpha_t / alpha_s) x + alpha_t sqrt((sigma_t/alpha_t)^2 - (sigma_s/alpha_s)^2) scale z.
/// A Brownian path from t to s has the same law read either way.
[[nodiscard]] inline plan::expression noisier(plan::builder& p, const plan::expression& x, const level& s,
                                              const level& t, double scale, plan::clock clock = {-2}) {
  const double rise = difference_of_products(t.sigma, s.alpha, s.sigma, t.alpha) / s.alpha;
  return (t.alpha / s.alpha) * x +
         scale * std::sqrt(rise * (t.sigma + s.sigma * t.alpha / s.alpha)) * p.path(t, s, clock)(t, s);
}

/// Adds noise to x, at level s of a plan, up to (1 + gamma) of its sigma/alpha, and tells where x is then. At alpha = 0
/// there is none to add.
[[nodiscard]] inline level raise(plan::builder& p, plan::expression& x, const level& s, double gamma, double scale,
                                 plan::clock clock = {-2}) {
  if (gamma == 0 || s.is_noise()) return s;
  const level hat = p.at_ratio((1 + gamma) * s.ratio());
  if (!towards_data(hat, s)) return s;  // gamma is lost in rounding
  x = noisier(p, x, s, hat, scale, clock);
  return hat;
}

/// Noise before a step, Karras et al. 2022, algorithm 2: from sigma/alpha in [s_tmin, s_tmax] up to (1 + gamma) of it,
/// gamma = min(s_churn / steps, sqrt(2) - 1), with normals times s_noise. The network is called there.
struct churn {
  double s_churn = 0;
  double s_tmin = 0;
  double s_tmax = std::numeric_limits<double>::infinity();
  double s_noise = 1;

  /// Adds the noise to x, at level s of a plan, and tells where x is then.
  [[nodiscard]] level operator()(plan::builder& p, plan::expression& x, const level& s) const {
    detail::require_not_negative("s_churn", s_churn);
    detail::require_not_negative("s_tmin", s_tmin);
    detail::require_not_negative("s_noise", s_noise);
    if (detail::is_nan(s_tmax) || s_tmax < s_tmin) detail::refuse("s_tmax", s_tmax, "s_tmin or more");
    if (s.ratio() < s_tmin || s.ratio() > s_tmax) return s;
    return raise(p, x, s, (std::min)(s_churn / p.steps().size(), std::numbers::sqrt2 - 1), s_noise);
  }
};

inline constexpr churn no_churn{};

}  // namespace fokker::inline v0::solver
