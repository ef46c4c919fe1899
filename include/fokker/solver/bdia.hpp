// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

#include <fokker/solver/inverted.hpp>

namespace fokker::inline v0::solver {

/// BDIA-DDIM, Zhang, Lewis & Kleijn 2023 (arXiv:2307.10829), bidirectional integration: DDIM's step, and gamma times
/// what DDIM's step back to the level r before misses of x there, x_t = ddim(s, t) + gamma (x_r - ddim(s, r)). It is
/// linear in x_r, so x_r follows from x_s and x_t by the same formula with 1/gamma in the other direction: what
/// `inversion` takes. gamma = 0 is DDIM, 1 the two-step midpoint rule, of order 2. The first step is DDIM's; with
/// `given_next` it is no call, x at the second level is the tensor that a run is given as "next".
struct bdia {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  double gamma = 1;
  bool given_next = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_not_negative("gamma", gamma);
    if (given_next && p.steps().size() < 2) detail::refuse("the number of steps", p.steps().size(), "2 or more");
    std::optional<std::pair<level, plan::expression>> before;
    for (auto [s, t] : p.steps()) {
      if (!before && given_next) {
        before.emplace(s, std::exchange(x, p.given("next")));
        continue;
      }
      const auto m = p.call(x, s);
      plan::expression to = t.alpha * m.data + t.sigma * m.epsilon;
      if (before) {
        const auto& [r, was] = *before;
        to = to + gamma * (was - r.alpha * m.data - r.sigma * m.epsilon);
      }
      before.emplace(s, std::exchange(x, to));
    }
    return x;
  }

  /// From data to noise, step for step the inverse.
  [[nodiscard]] inverted<bdia> inversion() const {
    return inverted<bdia>{bdia{.gamma = 1 / gamma, .given_next = given_next}};
  }
};

}  // namespace fokker::inline v0::solver
