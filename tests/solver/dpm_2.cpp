// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_2.hpp>

#include <fokker/solver/dpm_solver_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpm_2;

TEST_CASE("dpm_2 converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_2{}, 16) == Approx(dpm_2::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpm_2 is the midpoint rule at the geometric mean, by k-diffusion's formula") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {8, 2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, dpm_2{});
  const auto r = test::respond(plan);
  CHECK(plan.calls[1].at.sigma == Approx(4).epsilon(1e-15));
  CHECK(r.inputs[1].at({-3, 0}) == Approx(4 - 8).epsilon(1e-14));
  CHECK(r.end.at({-2, 0}) == Approx(1).epsilon(1e-14));
  CHECK(r.end.at({-3, 1}) == Approx(2 - 8).epsilon(1e-14));
  // The slope at s is not used but for the midpoint.
  CHECK((r.end.count({-3, 0}) ? r.end.at({-3, 0}) : 0) == Approx(0).margin(1e-14));
}

TEST_CASE("dpm_2 reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpm_2{});
  test::reaches_a_single_point(dpm_2{});
  test::costs(dpm_2{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
