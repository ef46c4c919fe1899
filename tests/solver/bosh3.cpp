// SPDX-License-Identifier: MIT
#include <fokker/solver/bosh3.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::bosh3;
using fk::solver::variable;

TEST_CASE("bosh3 converges at its order on every path and in either variable", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, bosh3{.variable = v}, 32) == Approx(bosh3::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("bosh3 has the weights of its tableau") {
  test::has_stability_polynomial(bosh3{}, {1, 1, 1.0 / 2, 1.0 / 6});
  test::integrates_powers(bosh3{}, 2);
}

TEST_CASE("bosh3 takes the step onto data as a whole, 3 calls") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 5},
                        bosh3{.variable = v})
              .calls.size() == 15);
}

TEST_CASE("bosh3 reaches single points, is finite at both ends, and carries partial sums") {
  test::is_finite_from_noise_to_data(bosh3{});
  test::is_finite_from_noise_to_data(bosh3{.variable = variable::ratio});
  test::reaches_a_single_point(bosh3{});
  test::costs(bosh3{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
