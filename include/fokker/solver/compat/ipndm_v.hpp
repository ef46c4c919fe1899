// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver::compat {

/// iPNDM_v with the weights that diff-sampler ships, and ComfyUI after it: meant for Adams and Bashforth's of unequal
/// steps in sigma/alpha, which are `exp_adams<Most>{.target = target::epsilon}`, they differ from 3 predictions on by a
/// misplaced parenthesis, and with 4 by a sign and a ratio of steps too. Those of 4 do not sum to 1 but where all steps
/// are equal or grow by one factor: order 1 at best, and none where the lengths of steps jump. From noise the step is
/// DDIM's, and its prediction is no history; onto data the result is D.
template <int Most = 4>
struct ipndm_v {
  static_assert(Most >= 1 && Most <= 4, "fokker: ipndm_v takes 1 to 4 predictions");
  static constexpr int order = Most == 1 || Most == 4 ? 1 : 2;
  static constexpr int evaluations = 1;
  static constexpr int history = Most - 1;
  static constexpr bool stochastic = false;

  /// The weights of one step, for the newest prediction first: `h` are the steps in sigma/alpha, this one first.
  [[nodiscard]] static std::vector<double> weights(const std::vector<double>& h) {
    if (h.size() == 1) return {1};
    const double r = h[0] / h[1];
    if (h.size() == 2) return {1 + r / 2, -r / 2};
    const double two = h[0] + h[1], q = h[1] / h[2];
    const double a = (1 - h[0] / (3 * two) * (h[0] * two) / (h[1] * (h[1] + h[2]))) / 2;
    if (h.size() == 3) return {1 + r / 2 + a, std::fma(-(1 + q), a, -r / 2), q * a};
    const double three = two + h[2];
    const double b = ((1 - h[0] / (3 * two)) / 2 + (1 - h[0] / (2 * two)) * h[0] / (6 * three)) * (h[0] * two * three) /
                     (h[1] * (h[1] + h[2]) * (h[1] + h[2] + h[3]));
    const double k = h[1] * (h[1] + h[2]) / (h[2] * (h[2] + h[3]));
    return {1 + r / 2 + a + b, std::fma(-(1 + q + k), b, std::fma(-(1 + q), a, -r / 2)),
            std::fma(q, a, std::fma(k, 1 + h[2] / h[3], q) * b), -b * k * q};
  }

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    std::vector<plan::expression> values;
    std::vector<double> ratios;  // of the levels, the last one first
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise() || t.is_data()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      remember(values, p.keep(m.epsilon), Most);
      if (ratios.empty()) ratios.push_back(s.ratio());
      ratios.insert(ratios.begin(), t.ratio());
      std::vector<double> h;
      for (std::size_t j = 0; j < values.size(); ++j) h.push_back(ratios[j] - ratios[j + 1]);
      const std::vector<double> w = weights(h);
      plan::expression epsilon;
      for (std::size_t j = 0; j < w.size(); ++j) epsilon = epsilon + w[j] * values[j];
      x = transfer(x, s, t, epsilon);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver::compat
