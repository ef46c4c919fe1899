// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// Steps x_t = alpha_t D + sigma_t (sqrt(1 - w^2) eps + w z), with the share w(s, t) of the noise drawn afresh; none on
/// the data.
template <class Share>
[[nodiscard]] plan::expression take_shares_of_noise(plan::builder& p, plan::expression x, plan::clock clock,
                                                    Share share) {
  for (auto [s, t] : p.steps()) {
    const auto m = p.call(x, s);
    const double w = share(s, t);
    x = t.alpha * m.data + t.sigma * std::sqrt((1 - w) * (1 + w)) * m.epsilon;
    if (w > 0 && !t.is_data()) x = x + t.sigma * w * p.path(s, t, clock)(s, t);
  }
  return x;
}

/// x_t = alpha_t D + sqrt(sigma_t^2 - w^2) eps + w z, with w = eta sigma_t sqrt(1 - e^{-2h}). Song, Meng & Ermon 2021,
/// eq. 12 and 16. eta = 0 is the probability-flow ODE in one exponential step, eta = 1 the posterior of DDPM. Exact at
/// both ends.
struct ddim {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_within("eta", eta, 0, 1);
    return take_shares_of_noise(
        p, static_cast<plan::expression&&>(x), {2 * eta * eta},
        [this](const level& s, const level& t) { return detail::rounded_product(eta, std::sqrt(fresh_share(s, t))); });
  }
};

}  // namespace fokker::inline v0::solver
