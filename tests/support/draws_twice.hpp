// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace test {

/// A solver of two stages whose second call draws the normal of the first one again, and one of its own.
struct draws_twice {
  static constexpr int order = 1;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  [[nodiscard]] fokker::plan::expression operator()(fokker::plan::builder& p, fokker::plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise() || t.is_data()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      const auto middle = p.at_ratio(std::sqrt(s.ratio() * t.ratio()));
      auto w = p.path(s, t);
      const auto first = w(s, middle), second = w(middle, t);
      const auto n = p.call(middle.alpha * m.data + middle.sigma * (0.8 * m.epsilon + 0.6 * first), middle);
      x = t.alpha * n.data + t.sigma * (0.8 * m.epsilon + 0.48 * first + 0.36 * second);
    }
    return x;
  }
};

}  // namespace test
