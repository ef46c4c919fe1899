// SPDX-License-Identifier: MIT
#include <fokker/solver/res_2s.hpp>

#include <fokker/solver/dpmpp_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::res_2s;

TEST_CASE("res_2s converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, res_2s{}, 16) == Approx(res_2s::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("res_2s has the exact weights of two stages") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  for (const double c2 : {0.3, 0.5, 1.0}) {
    const auto r = test::respond(fk::make_plan(schedule, fk::parameterization::data{}, grid, res_2s{c2}));
    // Zhang et al. 2023, table 1: h b_2 = h phi_2(-h) / c_2 = (h - 1 + e^{-h}) / (c_2 h), h b_1 = 1 - e^{-h} - h b_2.
    const double h = std::log(2.5), second = (h - 0.6) / (c2 * h);
    CHECK(r.inputs[1].at({-3, 0}) == Approx(-std::expm1(-c2 * h)).epsilon(1e-14));
    CHECK(r.end.at({-3, 1}) == Approx(second).epsilon(1e-14));
    CHECK(r.end.at({-3, 0}) == Approx(0.6 - second).epsilon(0).margin(1e-14));
  }
}

TEST_CASE("res_2s reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(res_2s{});
  test::reaches_a_single_point(res_2s{});
  test::is_finite_from_noise_to_data(res_2s{.c2 = 1});
  test::reaches_a_single_point(res_2s{.c2 = 1});
  test::costs(res_2s{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("res_2s refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(res_2s{0.0}), Catch::Contains("c2 is") && Catch::Contains("above 0 and up to 1"));
  CHECK_THROWS_WITH(plan(res_2s{1.5}), Catch::Contains("c2 is") && Catch::Contains("above 0 and up to 1"));
}
