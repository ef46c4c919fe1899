// SPDX-License-Identifier: MIT
#include <fokker/solver/heun.hpp>

#include <fokker/grid/karras.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::heun;
using fk::solver::variable;

TEST_CASE("heun converges at its order on every path and in either variable") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, heun{.variable = v}, 128) == Approx(heun::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("heun makes 2 N - 1 calls onto data, as Karras et al. count") {
  for (const auto& [steps, calls] : {std::pair{18, 35}, {40, 79}, {256, 511}})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = steps}, heun{})
              .calls.size() == static_cast<std::size_t>(calls));
}

TEST_CASE("heun reaches single points, is finite at both ends, and carries one partial sum") {
  test::is_finite_from_noise_to_data(heun{});
  test::is_finite_from_noise_to_data(heun{.variable = variable::ratio});
  test::reaches_a_single_point(heun{});
  test::costs(heun{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
