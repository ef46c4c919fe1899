// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver {

/// Gradient estimation, Permenter & Yuan 2023 (arXiv:2306.04848), algorithm 2: DDIM's step with gamma eps + (1 - gamma)
/// eps', eps' the prediction of the step before. Order 1 but for gamma = 3/2 on equal steps, which is `ipndm<2>`. From
/// noise the step is DDIM's, and its prediction is no history.
struct gradient_estimation {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  double gamma = 2;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_finite("gamma", gamma);
    std::optional<plan::expression> before;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      const auto epsilon = p.keep(m.epsilon);
      x = transfer(x, s, t, before ? gamma * epsilon + (1 - gamma) * *before : epsilon);
      before = epsilon;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
