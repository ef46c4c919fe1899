// SPDX-License-Identifier: MIT
#include <fokker/solver/midpoint.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::midpoint;
using fk::solver::variable;

TEST_CASE("midpoint converges at its order on every path and in either variable", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, midpoint{.variable = v}, 64) ==
            Approx(midpoint::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("midpoint has the weights of its tableau") {
  test::has_stability_polynomial(midpoint{}, {1, 1, 1.0 / 2});
  test::integrates_powers(midpoint{}, 1);
}

TEST_CASE("midpoint takes the step onto data as a whole, 2 calls") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 5},
                        midpoint{.variable = v})
              .calls.size() == 10);
}

TEST_CASE("midpoint reaches single points, is finite at both ends, and keeps the start") {
  test::is_finite_from_noise_to_data(midpoint{});
  test::is_finite_from_noise_to_data(midpoint{.variable = variable::ratio});
  test::reaches_a_single_point(midpoint{});
  test::costs(midpoint{}, {.inputs = 3, .rows = 1, .normals = 0, .buffers = 2});
}
