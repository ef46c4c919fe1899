// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_3s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_3s;

TEST_CASE("dpmpp_3s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpmpp_3s{}, 12) == Approx(dpmpp_3s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpmpp_3s keeps its order at other stages than the paper's") {
  CHECK(test::measured_order(fk::schedule::edm{}, dpmpp_3s{.r1 = 0.4, .r2 = 0.7}, 8) ==
        Approx(3).epsilon(0).margin(0.15));
}

TEST_CASE("dpmpp_3s has the weights of dpm-solver's singlestep order 3") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  const auto r = test::respond(fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_3s{}));
  // alpha r2/r1 ((e^{-r2 h} - 1) / (r2 h) + 1) (D_1 - D) and alpha / r2 ((e^{-h} - 1) / h + 1) (D_2 - D).
  const double h = std::log(2.5), r2h = h * 2 / 3;
  const double third = 2 * (std::expm1(-r2h) / r2h + 1), end = 1.5 * (std::expm1(-h) / h + 1);
  CHECK(r.inputs[2].at({-3, 1}) == Approx(third).epsilon(1e-14));
  CHECK(r.inputs[2].at({-3, 0}) == Approx(-std::expm1(-r2h) - third).epsilon(1e-13));
  CHECK(r.end.at({-3, 2}) == Approx(end).epsilon(1e-14));
  CHECK((r.end.count({-3, 1}) ? r.end.at({-3, 1}) : 0) == Approx(0).margin(1e-14));
  CHECK(r.end.at({-3, 0}) == Approx(0.6 - end).epsilon(0).margin(1e-14));
  CHECK(r.end.at({-2, 0}) == Approx(0.4).epsilon(1e-14));
}

TEST_CASE("dpmpp_3s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpmpp_3s{});
  test::reaches_a_single_point(dpmpp_3s{});
  test::costs(dpmpp_3s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpmpp_3s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpmpp_3s{.r1 = 0}), Catch::Contains("r1 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(dpmpp_3s{.r1 = 0.7, .r2 = 1}),
                    Catch::Contains("r1 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(dpmpp_3s{.r1 = 0.5, .r2 = 0.4}),
                    Catch::Contains("r2 is") && Catch::Contains("above r1 and up to 1"));
  CHECK_THROWS_WITH(plan(dpmpp_3s{.r2 = 1.1}), Catch::Contains("r2 is") && Catch::Contains("above r1 and up to 1"));
}
