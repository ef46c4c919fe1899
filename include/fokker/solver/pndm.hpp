// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver {

/// The steps of `pndm`; `middles(s, t)` are the levels of the two calls in the middle of a step of Runge and Kutta.
template <class Middles>
[[nodiscard]] plan::expression take_pndm(plan::builder& p, plan::expression x, Middles middles) {
  std::vector<plan::expression> values;
  for (auto [s, t] : p.steps()) {
    const auto m = p.call(x, s);
    if (s.is_noise()) {
      x = t.alpha * m.data + t.sigma * m.epsilon;
      continue;
    }
    remember(values, p.keep(m.epsilon), 4);
    if (values.size() < 4 && !t.is_data()) {
      const auto [first, second] = middles(s, t);
      auto x1 = transfer(x, s, first, values.front());
      auto x2 = transfer(x, s, second, p.call(x1, first).epsilon);
      auto x3 = transfer(x, s, t, p.call(x2, second).epsilon);
      const plan::expression last = p.call(x3, t).epsilon;
      // The second and third prediction by where they led, so that they need not be kept.
      const auto both = transferred(x, s, second, x2) + transferred(x, s, t, x3);
      x = transfer(x, s, t, (values.front() + 2 * both + last) / 6);
    } else {
      x = transfer(x, s, t, adams_bashforth(values));
    }
  }
  return x;
}

/// PNDM, Liu et al. 2022 (arXiv:2202.09778), algorithm 2. Every move is DDIM's step with some epsilon. The first three
/// steps are of the classical Runge-Kutta method, with four calls each and the middle of a step in the middle of its
/// times. All others take Adams and Bashforth's weights of equal steps on the last four epsilons. The order is 2. It is
/// 4 where time is sigma/alpha and its steps are equal. A step from noise is DDIM's, and its prediction is not used
/// again; a step onto data is never one of Runge and Kutta.
struct pndm {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 3;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return take_pndm(p, static_cast<plan::expression&&>(x), [&p](const level& s, const level& t) {
      const level middle = p.at(0.5 * (s.time + t.time));
      return std::pair{middle, middle};
    });
  }
};

}  // namespace fokker::inline v0::solver
