// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/ancestral.hpp>

namespace fokker::inline v0::solver {

/// The ancestral form of a solver of single steps without noise: each step goes by it to the ratio down sigma_t /
/// alpha_t, and noise of deviation up sigma_t leads back up, down and up as `ancestral` has them with this eta. The
/// noise keeps the marginals, so that their order is the solver's. Around `ddim` it is `euler_ancestral`, around
/// `dpmpp_2s` and `dpm_2` the forms that k-diffusion has of these (Crowson 2022). Onto data no noise is drawn.
template <class Solver>
struct renoised {
  static_assert(Solver::history == 0, "fokker: renoised takes a solver that needs no earlier step");
  static constexpr int order = Solver::order;
  static constexpr int evaluations = Solver::evaluations;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  Solver solver = {};
  double eta = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const ancestral split(s, t, eta);
      if (t.is_data() || split.up == 0) {
        x = p.over({s, t}, solver, x);
        continue;
      }
      const level below = p.at_ratio(split.down * t.ratio());
      x = t.alpha / below.alpha * p.over({s, below}, solver, x) + split.noise(p, s, t);
    }
    return x;
  }
};
template <class Solver>
renoised(Solver) -> renoised<Solver>;
template <class Solver>
renoised(Solver, double) -> renoised<Solver>;

}  // namespace fokker::inline v0::solver
