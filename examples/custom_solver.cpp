// SPDX-License-Identifier: MIT
// A solver of one's own, its order measured on data of which the probability flow is known.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <iostream>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

// [solver]
/// The explicit midpoint rule on the probability-flow ODE, in the schedule's time.
struct midpoint {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  [[nodiscard]] fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const double h = t.time - s.time;
      const auto m = p.call(x, s);
      const auto n = p.call(x + h / 2 * m.flow, p.at(s.time + h / 2));
      x = x + h * n.flow;
    }
    return x;
  }
};
// [solver]

namespace {

/// How far N steps end from where the flow does.
double error(int steps) {
  const fk::schedule::cosine schedule;
  const fk::model::gaussian data{.mean = 0.5, .deviation = 0.3};
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps}, midpoint{});
  const std::vector<double> start{-1.5, 0.1, 2};
  std::vector<double> x = start;
  fk::sample_from(plan, fk::model::predicting{fk::parameterization::velocity{}, data}, fk::noise::philox{}, x);
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    most = std::max(most, std::abs(x[i] - data.flow(start[i], plan.levels.front(), plan.levels.back())));
  return most;
}

}  // namespace

int main() {
  std::cout << fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 2},
                             midpoint{});
  const double measured = std::log2(error(64) / error(128));
  std::cout << "order " << measured << '\n';
  assert(std::abs(measured - midpoint::order) < 0.1);
}
