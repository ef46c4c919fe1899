// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_2s;

TEST_CASE("dpmpp_2s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpmpp_2s{}, 16) == Approx(dpmpp_2s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpmpp_2s has the weights of the paper at any r1") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  for (const double r1 : {0.3, 0.5, 1.0}) {
    const auto r = test::respond(fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_2s{r1}));
    const double h = std::log(2.5);
    // Lu et al. 2022, algorithm 1: sigma/sigma_s x - (e^{-r1 h} - 1) D, and with (1 - 1/2r1) D + 1/2r1 D_1 to the end.
    CHECK(r.inputs[1].at({-2, 0}) == Approx(std::exp(-r1 * h)).epsilon(1e-14));
    CHECK(r.inputs[1].at({-3, 0}) == Approx(-std::expm1(-r1 * h)).epsilon(1e-14));
    CHECK(r.end.at({-2, 0}) == Approx(2.0 / 5).epsilon(1e-14));
    CHECK(r.end.at({-3, 0}) == Approx(0.6 * (1 - 1 / (2 * r1))).epsilon(0).margin(1e-14));
    CHECK(r.end.at({-3, 1}) == Approx(0.6 / (2 * r1)).epsilon(1e-14));
  }
}

TEST_CASE("dpmpp_2s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpmpp_2s{});
  test::reaches_a_single_point(dpmpp_2s{});
  test::is_finite_from_noise_to_data(dpmpp_2s{.r1 = 1});
  test::reaches_a_single_point(dpmpp_2s{.r1 = 1});
  test::costs(dpmpp_2s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpmpp_2s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpmpp_2s{0.0}), Catch::Contains("r1 is") && Catch::Contains("above 0 and up to 1"));
  CHECK_THROWS_WITH(plan(dpmpp_2s{1.5}), Catch::Contains("r1 is") && Catch::Contains("above 0 and up to 1"));
}

TEST_CASE("the stage of dpmpp_2s is in the middle in log-SNR, if not told otherwise") {
  const fk::schedule::edm schedule;
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{},
                                  fk::grid::explicit_levels{fk::levels_at(schedule, {8, 2})}, fk::solver::dpmpp_2s{});
  REQUIRE(plan.calls.size() == 2);
  CHECK(plan.calls[1].at.sigma == Approx(4).epsilon(1e-14));  // sqrt(8 * 2)
}
