// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver {

/// iPNDM, Zhang & Chen 2023 (arXiv:2204.13902): PNDM whose first steps have what history there is in the
/// place of Runge and Kutta's, one call a step. Adams and Bashforth's weights of equal steps on up to `Most`
/// predictions of epsilon, in DDIM's step: order 2 whatever `Most` is, since levels are not equally spaced in
/// sigma/alpha. From noise the step is DDIM's, and its prediction is no history.
template <int Most = 4>
struct ipndm {
  static_assert(Most >= 1 && Most <= 4, "fokker: ipndm takes 1 to 4 predictions");
  static constexpr int order = Most < 2 ? 1 : 2;
  static constexpr int evaluations = 1;
  static constexpr int history = Most - 1;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    std::vector<plan::expression> values;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
      } else {
        remember(values, p.keep(m.epsilon), Most);
        x = transfer(x, s, t, adams_bashforth(values));
      }
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
