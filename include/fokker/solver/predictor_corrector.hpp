// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/level_grid.hpp>
#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// Song et al. 2021, algorithms 2 to 5, in the order of their code: at each level steps of Langevin dynamics,
/// x + e score + sqrt(2 e) z with e = 2 (snr sigma)^2 as in annealed Langevin dynamics (Song & Ermon 2019, algorithm
/// 1), and a step of the reverse SDE, exact where D is constant: `ddim{.eta}`. Their e from the norms of score and
/// noise is not a number that is known before the run. Langevin steps keep an error of their own, however many there
/// are.
struct predictor_corrector {
  static constexpr int order = 1;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double snr = 0.16;
  int corrections = 1;
  double eta = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("snr", snr);
    if (const int most = detail::most_steps / p.steps().size(); corrections < 0 || corrections > most)
      detail::refuse("corrections", corrections, detail::joined({"0 to ", detail::text(most)}));
    detail::require_within("eta", eta, 0, 1);
    for (auto [s, t] : p.steps()) {
      for (int k = 0; k < corrections; ++k) {
        const auto m = p.call(x, s);
        x = x - 2 * snr * snr * s.sigma * m.epsilon + 2 * snr * s.sigma * p.path(s, t, {0})(s, t);
      }
      const auto m = p.call(x, s);
      const double w = detail::rounded_product(eta, std::sqrt(fresh_share(s, t)));  // of sigma_t
      x = t.alpha * m.data + t.sigma * std::sqrt((1 - w) * (1 + w)) * m.epsilon;
      if (w > 0 && !t.is_data()) x = x + t.sigma * w * p.path(s, t, {2 * eta * eta})(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
