// SPDX-License-Identifier: MIT
#pragma once

// Solvers of policy gradients, against their formulas for networks of the flow on the straight path.

#include <cmath>
#include <initializer_list>

#include <fokker/plan/transition.hpp>

#include "support/members.hpp"

namespace test {

inline constexpr double pi = 3.14159265358979323846;

/// The mean of_x x + of_v v of a step, and its deviation.
struct transition {
  double of_x, of_v, deviation;
};
/// a x0 + b x1, of x0 = x - sigma v and x1 = x + (1 - sigma) v.
inline transition of_both(double a, double b, double sigma, double deviation) {
  return {a + b, b * (1 - sigma) - a * sigma, deviation};
}

/// Whether each step but the last one, onto data, is that of the formula of two sigmas.
template <class Solver, class Formula>
void has_transition(const Solver& solver, Formula formula) {
  const fk::schedule::flow_linear straight;
  const std::vector<double> times{1, 0.9, 0.6, 0.35, 0.05, 0};
  const auto plan = fk::make_plan(straight, fk::parameterization::flow{},
                                  fk::grid::explicit_levels{fk::levels_at(straight, times)}, solver);
  for (std::size_t i = 0; i < times.size() - 1; ++i) {
    const auto found = fk::plan::transition_of(plan, i);
    const auto& row = found.mean.rows[static_cast<std::size_t>(found.mean.row_count - 1)];
    transition mine{0, 0, found.deviation};
    for (std::size_t k = 0; k < static_cast<std::size_t>(found.mean.input_count); ++k)
      (found.mean.inputs[k].where == fk::plan::operand::output ? mine.of_v : mine.of_x) += row.inputs[k];
    const bool last = i + 2 == times.size();
    const transition expected = last ? transition{1, -times[i], 0} : formula(times[i], times[i + 1]);
    // a few roundings of terms up to 1 / sigma
    CHECK(mine.of_x == Approx(expected.of_x).epsilon(1e-13).margin(1e-14));
    CHECK(mine.of_v == Approx(expected.of_v).epsilon(1e-13).margin(1e-14));
    CHECK(mine.deviation == Approx(expected.deviation).epsilon(1e-13));
  }
}

template <class Solver>
void refuses_eta(std::initializer_list<double> etas, const char* allowed) {
  for (const double eta : etas)
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, inner(3), Solver{.eta = eta}),
                      Catch::Contains("eta is") && Catch::Contains(allowed));
}

}  // namespace test
