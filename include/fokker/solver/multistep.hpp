// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <fokker/solver/exponential_integral.hpp>

namespace fokker::inline v0::solver {

/// One step of an exponential Adams method: of how many predictions it is, at most those that there are.
struct multistep {
  std::size_t predictor = 1;
  std::size_t corrector = 0;  ///< the one at the step's end among them; 0 corrects nothing
  bool evaluates_again = false;
  double eta = 0;
  published_weights published = {};
  double compensation = 1;  ///< `compensated`, where there are three predictions
};

/// DC-Solver's stand-in for the newest of three predictions: that of the parabola through them over time, at the share
/// `ratio` of the way from the second to the newest. 1 is that one itself.
[[nodiscard]] inline plan::expression compensated(const std::vector<level>& nodes,
                                                  const std::vector<plan::expression>& values, double ratio) {
  const std::size_t end = nodes.size();
  const auto time = [&](std::size_t back) { return nodes[end - 1 - back].time; };
  const double at = std::fma(ratio, time(0) - time(1), time(1));
  plan::expression sum;
  for (std::size_t i = 0; i < 3; ++i) {
    double weight = 1;
    for (std::size_t j = 0; j < 3; ++j)
      if (i != j) weight *= (at - time(j)) / (time(i) - time(j));
    sum.add(values[end - 1 - i], weight);
  }
  return sum;
}

/// Predicts (Adams-Bashforth), calls the network there, and corrects (Adams-Moulton) by what it said, with the noise of
/// the prediction; with `evaluates_again` the network is called once more, on the corrected x. `step(s, i, left)` says
/// what step i is, from level s, the first of as many as are left. Where the variable has no limit, from noise and onto
/// data, the step is DDIM's.
template <class Step>
[[nodiscard]] plan::expression take_multisteps(plan::builder& p, plan::expression x, target q, variable u, Step step) {
  struct incomplete {  // x at the end of a step but for what the network says there
    plan::expression base;
    double of_new;
    bool evaluates_again;
  };
  const exponential_integral integral(p, q, u);
  std::vector<level> nodes;
  std::vector<plan::expression> values;  // the target there
  std::optional<incomplete> unfinished;
  int index = 0, left = 0;
  for (auto i = p.steps().begin(); i != p.steps().end(); ++i) ++left;
  for (auto [s, t] : p.steps()) {
    auto m = p.call(x, s);
    if (integral.has_node(s)) {
      plan::expression value = p.keep(of(m, q));
      if (unfinished) {
        x = unfinished->base + unfinished->of_new * value + p.added();
        if (unfinished->evaluates_again) {
          m = p.call(x, s);
          value = p.keep(of(m, q));
        }
        unfinished.reset();
      }
      nodes.push_back(s);
      values.push_back(value);
    }
    const multistep now = step(s, index++, left--);
    detail::require_not_negative("eta", now.eta);
    if (now.compensation != 1 && nodes.size() >= 3)
      values.back() = p.keep(compensated(nodes, values, now.compensation));
    const bool regular = integral.is_regular(s, t, now.eta);
    if (t.is_data() && !regular) {
      x = t.alpha * m.data;
      continue;
    }
    const plan::expression z = now.eta > 0 ? p.path(s, t, {2 * now.eta})(s, t) : plan::expression();
    if (!regular) {
      x = t.alpha * m.data + t.sigma * (now.eta > 0 ? z : plan::expression(m.epsilon));
      continue;
    }
    const auto and_latest = [&](std::vector<level> of, std::size_t count) {  // the last one first
      for (std::size_t j = 1; j <= (std::min)(count, nodes.size()); ++j) of.push_back(nodes[nodes.size() - j]);
      return of;
    };
    const auto sum = [&](const exponential_step& w, std::size_t ahead) {
      plan::expression to = w.of_x * x + w.of_normal * z;
      for (std::size_t j = ahead; j < w.of_node.size(); ++j)
        to = to + w.of_node[j] * values[values.size() - 1 - (j - ahead)];
      return to;
    };
    if (now.corrector > 0 && !t.is_data()) {
      const exponential_step w = integral(s, t, and_latest({t}, now.corrector - 1), now.eta, now.published);
      unfinished = {p.keep(sum(w, 1)), w.of_node.front(), now.evaluates_again};
    }
    x = sum(integral(s, t, and_latest({}, now.predictor), now.eta, now.published), 0);
  }
  return x;
}

/// The same method in all steps.
[[nodiscard]] inline plan::expression take_multisteps(plan::builder& p, plan::expression x, target q, variable u,
                                                      const multistep& always) {
  return take_multisteps(p, static_cast<plan::expression&&>(x), q, u, [&](const level&, int, int) { return always; });
}

}  // namespace fokker::inline v0::solver
