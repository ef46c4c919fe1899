// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::solver {

/// PNDM, Liu et al. 2022 (arXiv:2202.09778), algorithm 2: three steps of the classical Runge-Kutta method of four calls
/// each, its middle at the middle of the times, then Adams and Bashforth's weights of equal steps on four predictions
/// of epsilon; every move is DDIM's step with that epsilon. Order 2, and 4 where the levels are equally spaced in
/// sigma/alpha and that is time. From noise the step is DDIM's, and its prediction is no history; onto data no step is
/// one of Runge and Kutta.
struct pndm {
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
      if (values.size() < 4 && !t.is_data()) {
        const level middle = p.at(0.5 * (s.time + t.time));
        auto x1 = transfer(x, s, middle, values.front());
        auto x2 = transfer(x, s, middle, p.call(x1, middle).epsilon);
        auto x3 = transfer(x, s, t, p.call(x2, middle).epsilon);
        const plan::expression last = p.call(x3, t).epsilon;
        // The second and third prediction by where they led, so that they need not be kept.
        const auto middles = transferred(x, s, middle, x2) + transferred(x, s, t, x3);
        x = transfer(x, s, t, (values.front() + 2 * middles + last) / 6);
      } else {
        x = transfer(x, s, t, adams_bashforth(values));
      }
    }
    return x;
  }
};

}  // namespace fokker::solver
