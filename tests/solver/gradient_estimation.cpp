// SPDX-License-Identifier: MIT
#include <fokker/solver/gradient_estimation.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ipndm.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::gradient_estimation;

TEST_CASE("gradient_estimation converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, gradient_estimation{}, 64) ==
          Approx(gradient_estimation::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("gradient_estimation is ddim at gamma = 1 and ipndm<2> at gamma = 3/2") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(gradient_estimation{.gamma = 1}) == Approx(end(fk::solver::ddim{})).epsilon(1e-12));
    CHECK(end(gradient_estimation{.gamma = 1.5}) == Approx(end(fk::solver::ipndm<2>{})).epsilon(1e-12));
  });
}

TEST_CASE("gradient_estimation extrapolates by gamma from its second step on") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3, 1})};
  const auto r = test::respond(fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, gradient_estimation{}));
  // Permenter & Yuan 2023, algorithm 2: (1 - 3) (2 eps - eps') after (3 - 5) eps'.
  CHECK(r.end.at({-3, 1}) == Approx(-2 * 2).epsilon(1e-14));
  CHECK((r.end.count({-3, 0}) ? r.end.at({-3, 0}) : 0) == Approx(-2 + 2).margin(1e-14));
}

TEST_CASE("gradient_estimation reaches single points, is finite at both ends, and keeps one prediction") {
  test::is_finite_from_noise_to_data(gradient_estimation{});
  test::reaches_a_single_point(gradient_estimation{});
  test::costs(gradient_estimation{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("gradient_estimation refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(gradient_estimation{.gamma = std::nan("")}),
                    Catch::Contains("gamma is") && Catch::Contains("a finite number"));
}
