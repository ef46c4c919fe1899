// SPDX-License-Identifier: MIT
#include <fokker/solver/dopri5.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::dopri5;
using fk::solver::variable;

TEST_CASE("dopri5 converges at its order on every path and in either variable", "[order]") {
  // From 64 steps to 256 the error falls from 1e-11 to 1e-14: before that the slope is steeper, after it rounding is
  // met. That the order is not higher says the z^6/600 below.
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, dopri5{.variable = v}, 64, 2) > dopri5::order - 0.15);
  });
}

TEST_CASE("dopri5 has the weights of its tableau") {
  test::has_stability_polynomial(dopri5{}, {1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 600});
  test::integrates_powers(dopri5{}, 4);
}

TEST_CASE("dopri5 steps onto data by Euler's method, one call") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 5},
                        dopri5{.variable = v})
              .calls.size() == 25);
}

TEST_CASE("dopri5 reaches single points, is finite at both ends, and carries partial sums") {
  test::is_finite_from_noise_to_data(dopri5{});
  test::is_finite_from_noise_to_data(dopri5{.variable = variable::ratio});
  test::reaches_a_single_point(dopri5{});
  test::costs(dopri5{}, {.inputs = 5, .rows = 4, .normals = 0, .buffers = 4});
}
