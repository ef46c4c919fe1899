// SPDX-License-Identifier: MIT
#include <fokker/solver/euler_ancestral.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler_ancestral;

TEST_CASE("the variance of ancestral Euler on normal data is the published one") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {10, 3, 1, 0.3})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, euler_ancestral{});
  // An independent evaluation; the exact law has 0.34.
  CHECK(test::law(plan, {.mean = 0, .deviation = 0.5}).variance == Approx(0.159881847342525).epsilon(1e-13));
}

TEST_CASE("ancestral Euler converges weakly at order 1, and its ODE at order 1", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, euler_ancestral{}, 64) == Approx(1).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, euler_ancestral{.eta = 0}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("above eta = 1 the noise of a step is limited by its level") {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, test::inner(4), euler_ancestral{.eta = 5});
  for (std::size_t i = 0; i < plan.calls.size(); ++i)
    CHECK(plan.calls[i].then.rows[0].normals[0] <= plan.levels[i + 1].sigma);
  CHECK_THROWS_WITH(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, test::inner(4), euler_ancestral{.eta = -1}),
      Catch::Contains("eta is -1"));
}

TEST_CASE("ancestral Euler reaches single points, is finite at both ends, and costs one update of two operands") {
  test::is_finite_from_noise_to_data(euler_ancestral{});
  test::reaches_a_single_point(euler_ancestral{});
  test::costs(euler_ancestral{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}
