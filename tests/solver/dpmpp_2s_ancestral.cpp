// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_2s_ancestral.hpp>

#include <fokker/solver/dpmpp_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_2s_ancestral;

TEST_CASE("dpmpp_2s_ancestral converges weakly at order 2, and its ODE at order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, dpmpp_2s_ancestral{}, 32) == Approx(2).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, dpmpp_2s_ancestral{.eta = 0}, 16) ==
          Approx(dpmpp_2s_ancestral::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpmpp_2s_ancestral without noise is dpmpp_2s") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(dpmpp_2s_ancestral{.eta = 0}) == Approx(end(fk::solver::dpmpp_2s{})).epsilon(1e-12));
  });
}

TEST_CASE("dpmpp_2s_ancestral has k-diffusion's formula") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {8, 2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_2s_ancestral{});
  const auto r = test::respond(plan);
  // sigma_up^2 = 2^2 (8^2 - 2^2) / 8^2, sigma_down = 2^2 / 8, and the middle at sqrt(sigma sigma_down).
  const double down = 0.5, middle = 2;
  CHECK(plan.calls[1].at.sigma == Approx(middle).epsilon(1e-14));
  CHECK(r.inputs[1].at({-2, 0}) == Approx(middle / 8).epsilon(1e-14));
  CHECK(r.inputs[1].at({-3, 0}) == Approx(1 - middle / 8).epsilon(1e-14));
  CHECK(r.end.at({-2, 0}) == Approx(down / 8).epsilon(1e-14));
  CHECK(r.end.at({-3, 1}) == Approx(1 - down / 8).epsilon(1e-14));
  CHECK((r.end.count({-3, 0}) ? r.end.at({-3, 0}) : 0) == Approx(0).margin(1e-14));
  REQUIRE(plan.calls[1].then.normal_count == 1);
  CHECK(plan.calls[1].then.rows[0].normals[0] == Approx(std::sqrt(3.75)).epsilon(1e-14));
}

TEST_CASE("above eta = 1 the noise of a step of dpmpp_2s_ancestral is limited by its level") {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(4), dpmpp_2s_ancestral{.eta = 5});
  CHECK(plan.calls.size() == 4);  // nothing is left for a second stage
  for (std::size_t i = 0; i < plan.calls.size(); ++i)
    CHECK(plan.calls[i].then.rows[0].normals[0] == Approx(plan.levels[i + 1].sigma).epsilon(1e-15));
}

TEST_CASE("dpmpp_2s_ancestral reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpmpp_2s_ancestral{});
  test::reaches_a_single_point(dpmpp_2s_ancestral{});
  test::costs(dpmpp_2s_ancestral{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(dpmpp_2s_ancestral{.eta = 0}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpmpp_2s_ancestral refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpmpp_2s_ancestral{.eta = -1}), Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
}
