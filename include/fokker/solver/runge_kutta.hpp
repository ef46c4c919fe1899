// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// An explicit Runge-Kutta method, Butcher 1963: stage i stands at share `nodes[i]` of the step and starts from
/// sum_j weights[i - 1][j] k_j of the stages before; the last row of weights is that of the step.
template <std::size_t Stages>
struct tableau {
  std::array<double, Stages> nodes;
  std::array<std::array<double, Stages>, Stages> weights;

  /// Whether each stage needs only the slope before it.
  [[nodiscard]] constexpr bool is_diagonal() const {
    for (std::size_t i = 0; i + 1 < Stages; ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (weights[i][j] != 0) return false;
    return true;
  }
};

/// A step of the probability flow by a tableau, and what its stages said.
struct runge_kutta_step {
  plan::expression next;
  std::vector<plan::expression> slopes;
  double h = 0;  ///< in the variable; 0 where the step is another method's
};

/// In time or in sigma/alpha: there stage i is x_i = (alpha_i/alpha_s) x + alpha_i (sigma_t/alpha_t - sigma_s/alpha_s)
/// sum_j a_ij eps_j. The step onto data is Euler's where a stage stands on the data themselves and the network does not
/// tell the slope there, and the step from alpha = 0 in sigma/alpha, which has no limit there, is DDIM's. Where each
/// stage has one slope, that slope is read off the stage again, which keeps fewer tensors.
template <std::size_t Stages>
[[nodiscard]] runge_kutta_step take_runge_kutta_step(const tableau<Stages>& method, bool time, plan::builder& p,
                                                     plan::expression x, const level& s, const level& t) {
  if (!time && s.is_noise()) {
    const auto m = p.call(x, s);
    return {t.alpha * m.data + t.sigma * m.epsilon, {}};
  }
  const double h = time ? t.time - s.time : -difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / t.alpha;
  const auto unit = [&](const level& l) { return time ? 1 : l.alpha / s.alpha; };
  const auto slope = [&](plan::expression& at, const level& l) -> plan::expression {
    const auto m = p.call(at, l);
    return time ? m.flow : m.epsilon;
  };
  std::vector<plan::expression> slopes{slope(x, s)};
  const auto start_of = [&](const level& l, const std::array<double, Stages>& weights) {
    plan::expression sum = x;
    for (std::size_t j = 0; j < slopes.size(); ++j) sum = sum + h * weights[j] * slopes[j];
    return unit(l) * sum;
  };
  if (method.nodes.back() == 1 && !has_slope(p, t, time)) return {start_of(t, {1}), {}};
  for (std::size_t i = 1; i < Stages; ++i) {
    const double share = method.nodes[i];
    const level l = share == 1 ? t
                    : time     ? p.at(std::fma(share, h, s.time))
                               : p.at_ratio(std::fma(share, t.ratio(), (1 - share) * s.ratio()));
    plan::expression stage = start_of(l, method.weights[i - 1]);
    slopes.push_back(slope(stage, l));
    if (method.is_diagonal()) slopes[i - 1] = (stage / unit(l) - x) / (h * method.weights[i - 1][i - 1]);
  }
  return {start_of(t, method.weights.back()), slopes, h};
}

template <std::size_t Stages>
[[nodiscard]] plan::expression runge_kutta(const tableau<Stages>& method, variable v, plan::builder& p,
                                           plan::expression x) {
  const bool time = in_time(v, p);
  for (const plan::step step : p.steps()) x = take_runge_kutta_step(method, time, p, x, step.from, step.to).next;
  return x;
}

/// A step of a pair whose other method has one stage more, at the end of the step: `differences` are of the weights of
/// both. Where the step is another method's it tells no error.
template <std::size_t Stages>
[[nodiscard]] plan::attempt runge_kutta_pair(const tableau<Stages>& method,
                                             const std::array<double, Stages + 1>& differences, variable v,
                                             plan::builder& p, const plan::expression& x, const level& s,
                                             const level& t) {
  const bool time = in_time(v, p);
  runge_kutta_step step = take_runge_kutta_step(method, time, p, x, s, t);
  if (step.h == 0 || t.is_data()) return {step.next, {}};
  const auto m = p.call(step.next, t);
  step.slopes.push_back(time ? m.flow : m.epsilon);
  plan::expression error;
  for (std::size_t j = 0; j <= Stages; ++j)
    error = error + step.h * (time ? 1 : t.alpha / s.alpha) * differences[j] * step.slopes[j];
  return {step.next, error};
}

}  // namespace fokker::inline v0::solver
