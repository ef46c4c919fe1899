// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver {

/// PLMS, Liu et al. 2022 (arXiv:2202.09778): Adams and Bashforth's weights of equal steps, on up to four predictions of
/// epsilon, in DDIM's step; the first step is the improved Euler method, of two calls, as in latent diffusion and in
/// diffusers' PNDM with skip_prk_steps. Order 2, and 3 by its first steps where the levels are equally spaced in
/// sigma/alpha. From noise the step is DDIM's, and its prediction is no history.
struct plms {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 3;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    std::vector<plan::expression> values;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      remember(values, p.keep(m.epsilon), 4);
      auto predicted = transfer(x, s, t, adams_bashforth(values));
      if (values.size() == 1 && !t.is_data())
        x = transfer(x, s, t, 0.5 * (values.front() + p.call(predicted, t).epsilon));
      else
        x = predicted;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
