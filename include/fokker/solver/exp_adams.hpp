// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <fokker/solver/exponential_integral.hpp>

namespace fokker::solver {

/// Exponential Adams: the exact step where the target is the polynomial through its last `Order` values, and with
/// `Corrects` through the new one as well, which needs no further call (predict, evaluate, correct; order + 1). Exact
/// weights of DPM-Solver(++), DEIS, UniPC and SA-Solver, for any target, variable and eta (Hochbruck & Ostermann 2010,
/// section 2.5). The first steps have what history there is. Where the variable has no limit, from noise and onto data,
/// the step is DDIM's.
template <int Order, bool Corrects = false>
struct exp_adams {
  static_assert(Order >= 1 && Order <= 6, "fokker: exp_adams has order 1 to 6");
  static constexpr int order = Order + Corrects;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1 + Corrects;
  static constexpr bool stochastic = true;

  solver::target target = target::data;
  solver::variable variable = variable::natural;
  double eta = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const exponential_integral integral(p, target, variable, eta);
    std::vector<level> nodes;              // the last one first
    std::vector<plan::expression> values;  // the target there
    plan::expression base;                 // the corrected x but for the value that is not known yet
    double of_new = 0;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (integral.has_node(s)) {
        nodes.insert(nodes.begin(), s);
        values.insert(values.begin(), p.keep(of(m, target)));
        if (nodes.size() > Order) nodes.pop_back(), values.pop_back();
        if (of_new != 0) x = base + of_new * values.front();
        of_new = 0;
      }
      if (t.is_data() && !integral.is_regular(s, t)) {
        x = t.alpha * m.data;
      } else if (!integral.is_regular(s, t)) {
        x = t.alpha * m.data + t.sigma * (eta > 0 ? p.path(s, t)(s, t) : plan::expression(m.epsilon));
      } else {
        const plan::expression z = eta > 0 ? p.path(s, t)(s, t) : plan::expression();
        const auto step = [&](const exponential_step& w, std::size_t unknown) {
          plan::expression to = w.of_x * x + w.of_normal * z;
          for (std::size_t j = 0; j < values.size(); ++j) to = to + w.of_node[j + unknown] * values[j];
          return to;
        };
        const exponential_step predictor = integral(s, t, nodes);
        if (Corrects && !t.is_data()) {
          std::vector<level> with_new{t};
          with_new.insert(with_new.end(), nodes.begin(), nodes.end());
          const exponential_step corrector = integral(s, t, with_new);
          base = p.keep(step(corrector, 1));
          of_new = corrector.of_node.front();
        }
        x = step(predictor, 0);
      }
    }
    return x;
  }
};

}  // namespace fokker::solver
