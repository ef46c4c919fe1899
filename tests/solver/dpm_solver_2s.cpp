// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_solver_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpm_solver_2s;

TEST_CASE("dpm_solver_2s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_solver_2s{}, 16) == Approx(dpm_solver_2s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpm_solver_2s has the weights of the paper at any r1") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  for (const double r1 : {0.3, 0.5, 1.0}) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, dpm_solver_2s{r1});
    const auto r = test::respond(plan);
    const double h = std::log(2.5), middle = 5 * std::exp(-r1 * h);
    CHECK(plan.calls[1].at.sigma == Approx(middle).epsilon(1e-15));
    // Lu et al. 2022, algorithm 4: -sigma (e^{r1 h} - 1) for the stage, -sigma_t (e^h - 1) (1 - 1/2r1) and / 2r1 for
    // the end; the first is a difference, 1e-14 of its terms.
    CHECK(r.inputs[1].at({-3, 0}) == Approx(-middle * std::expm1(r1 * h)).epsilon(1e-14));
    CHECK(r.end.at({-2, 0}) == Approx(1).epsilon(1e-14));
    CHECK(r.end.at({-3, 0}) == Approx(-2 * std::expm1(h) * (1 - 1 / (2 * r1))).epsilon(0).margin(1e-14));
    CHECK(r.end.at({-3, 1}) == Approx(-2 * std::expm1(h) / (2 * r1)).epsilon(1e-14));
  }
}

TEST_CASE("dpm_solver_2s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpm_solver_2s{});
  test::reaches_a_single_point(dpm_solver_2s{});
  test::is_finite_from_noise_to_data(dpm_solver_2s{.r1 = 1});
  test::reaches_a_single_point(dpm_solver_2s{.r1 = 1});
  test::costs(dpm_solver_2s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpm_solver_2s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpm_solver_2s{0.0}), Catch::Contains("r1 is") && Catch::Contains("above 0 and up to 1"));
  CHECK_THROWS_WITH(plan(dpm_solver_2s{1.5}), Catch::Contains("r1 is") && Catch::Contains("above 0 and up to 1"));
  CHECK_THROWS_WITH(plan(dpm_solver_2s{std::nan("")}),
                    Catch::Contains("r1 is") && Catch::Contains("above 0 and up to 1"));
}

TEST_CASE("the stage of dpm_solver_2s is in the middle in log-SNR, if not told otherwise") {
  const fk::schedule::edm schedule;
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::data{}, fk::grid::explicit_levels{fk::levels_at(schedule, {8, 2})},
                    fk::solver::dpm_solver_2s{});
  REQUIRE(plan.calls.size() == 2);
  CHECK(plan.calls[1].at.sigma == Approx(4).epsilon(1e-14));  // sqrt(8 * 2)
}
