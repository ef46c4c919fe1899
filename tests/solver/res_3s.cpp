// SPDX-License-Identifier: MIT
#include <fokker/solver/res_3s.hpp>

#include <fokker/solver/dpmpp_3s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::res_3s;

TEST_CASE("res_3s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, res_3s{}, 32) == Approx(res_3s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("res_3s keeps its order at any stages") {
  CHECK(test::measured_order(fk::schedule::edm{}, res_3s{.c2 = 0.4, .c3 = 0.7}, 8) ==
        Approx(3).epsilon(0).margin(0.15));
}

TEST_CASE("res_3s at 1/3 and 2/3 is DPM-Solver-3 for data") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(res_3s{.c2 = 1.0 / 3, .c3 = 2.0 / 3}) == Approx(end(fk::solver::dpmpp_3s{})).epsilon(1e-12));
  });
}

TEST_CASE("res_3s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(res_3s{});
  test::reaches_a_single_point(res_3s{});
  test::costs(res_3s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("res_3s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(res_3s{.c2 = 0}), Catch::Contains("c2 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(res_3s{.c2 = 0.7, .c3 = 1}),
                    Catch::Contains("c2 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(res_3s{.c2 = 0.5, .c3 = 0.4}),
                    Catch::Contains("c3 is") && Catch::Contains("above c2 and up to 1"));
  CHECK_THROWS_WITH(plan(res_3s{.c3 = 1.1}), Catch::Contains("c3 is") && Catch::Contains("above c2 and up to 1"));
}
