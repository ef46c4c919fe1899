// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_solver_3s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpm_solver_3s;

TEST_CASE("dpm_solver_3s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_solver_3s{}, 12) == Approx(dpm_solver_3s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpm_solver_3s keeps its order at other stages than the paper's") {
  CHECK(test::measured_order(fk::schedule::edm{}, dpm_solver_3s{.r1 = 0.4, .r2 = 0.7}, 8) ==
        Approx(3).epsilon(0).margin(0.15));
}

TEST_CASE("dpm_solver_3s has the weights of the paper") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  const auto r = test::respond(fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, dpm_solver_3s{}));
  // Lu et al. 2022, algorithm 5 with r1 = 1/3, r2 = 2/3.
  const double h = std::log(2.5), r2h = h * 2 / 3, sigma = 5 * std::exp(-r2h);
  const double third = -sigma * 2 * (std::expm1(r2h) / r2h - 1), end = -2 * 1.5 * (std::expm1(h) / h - 1);
  CHECK(r.inputs[2].at({-3, 1}) == Approx(third).epsilon(1e-14));
  CHECK(r.inputs[2].at({-3, 0}) == Approx(-sigma * std::expm1(r2h) - third).epsilon(1e-14));
  CHECK(r.end.at({-3, 2}) == Approx(end).epsilon(1e-14));
  CHECK((r.end.count({-3, 1}) ? r.end.at({-3, 1}) : 0) == Approx(0).margin(1e-14));
  CHECK(r.end.at({-3, 0}) == Approx(-2 * std::expm1(h) - end).epsilon(0).margin(1e-14));
  CHECK(r.end.at({-2, 0}) == Approx(1).epsilon(1e-14));
}

TEST_CASE("dpm_solver_3s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpm_solver_3s{});
  test::reaches_a_single_point(dpm_solver_3s{});
  test::costs(dpm_solver_3s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpm_solver_3s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpm_solver_3s{.r1 = 0}), Catch::Contains("r1 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(dpm_solver_3s{.r1 = 0.7, .r2 = 1}),
                    Catch::Contains("r1 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(dpm_solver_3s{.r1 = 0.5, .r2 = 0.4}),
                    Catch::Contains("r2 is") && Catch::Contains("above r1 and up to 1"));
  CHECK_THROWS_WITH(plan(dpm_solver_3s{.r2 = 1.1}),
                    Catch::Contains("r2 is") && Catch::Contains("above r1 and up to 1"));
}
