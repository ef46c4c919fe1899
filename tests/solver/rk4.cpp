// SPDX-License-Identifier: MIT
#include <fokker/solver/rk4.hpp>

#include <fokker/parameterization/clipped.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::rk4;
using fk::solver::variable;

TEST_CASE("rk4 converges at its order on every path and in either variable", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, rk4{.variable = v}, 16) == Approx(rk4::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("rk4 has the weights of its tableau") {
  test::has_stability_polynomial(rk4{}, {1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24});
  test::integrates_powers(rk4{}, 3);
}

TEST_CASE("rk4 steps onto data by Euler's method, one call") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 5},
                        rk4{.variable = v})
              .calls.size() == 17);
}

TEST_CASE("rk4 keeps its order onto data where the network tells the slope there", "[order]") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(test::measured_order_onto_data(rk4{.variable = v}, 8) > rk4::order - 0.15);
  const auto calls = [](const auto& schedule, const auto& network) {
    return fk::make_plan(schedule, network, fk::grid::uniform{.steps = 5}, rk4{}).calls.size();
  };
  const fk::schedule::flow_linear straight;
  CHECK(calls(straight, fk::parameterization::flow{}) == 20);
  CHECK(calls(straight, fk::parameterization::flow{.at_data = false}) == 17);
  CHECK(calls(straight, fk::parameterization::clipped{fk::parameterization::flow{}}) == 17);
  CHECK(calls(fk::schedule::vp_linear{}, fk::parameterization::flow{}) == 17);  // sigma' has no bound there
}

TEST_CASE("rk4 reaches single points, is finite at both ends, and carries partial sums") {
  test::is_finite_from_noise_to_data(rk4{});
  test::is_finite_from_noise_to_data(rk4{.variable = variable::ratio});
  test::reaches_a_single_point(rk4{});
  test::costs(rk4{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
