// SPDX-License-Identifier: MIT
#include <fokker/solver/lcm.hpp>

#include <fokker/parameterization/consistency.hpp>
#include <fokker/parameterization/latent_consistency.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/trigflow.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::lcm;

TEST_CASE("the law of lcm is exact where the network is a consistency function, in any number of steps") {
  // A consistency function of normal data is affine: from the exact law of a level to that of the data.
  const test::normal_data problem;
  const auto law = [&](const auto& schedule, int steps) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, fk::grid::uniform{.steps = steps}, lcm{});
    const fk::level& first = plan.levels.front();
    const test::linear start{{{-1, 0}, first.alpha * problem.mean}, {{0, 0}, std::sqrt(problem.variance(first))}};
    const fk::level data{.alpha = 1, .sigma = 0};
    const auto end = test::propagate(plan, start, [&](int i, int, const test::linear& x) {
      const fk::level& at = plan.calls[static_cast<std::size_t>(i)].at;
      const double offset = problem.flow(0, at, data);
      test::linear out{{{-1, 0}, offset}};
      test::add(out, x, problem.flow(1, at, data) - offset);
      return out;
    });
    test::moments m;
    for (const auto& [key, value] : end) (key.first < 0 ? m.mean : m.variance) += key.first < 0 ? value : value * value;
    return m;
  };
  for (const int steps : {1, 2, 7}) {
    const auto check = [&](const test::moments& m) {
      CHECK(m.mean == Approx(problem.mean).epsilon(1e-13));  // a step rounds what the next one multiplies by at most 1
      CHECK(m.variance == Approx(problem.deviation * problem.deviation).epsilon(1e-13));
    };
    check(law(fk::schedule::edm{}, steps));
    check(law(fk::schedule::flow_linear{}, steps));
    check(law(fk::schedule::cosine{}, steps));
  }
}

TEST_CASE("lcm has diffusers' number for one step of its latent consistency test") {
  // The network says x t / (t + 1) for epsilon, x is the ramp 0/768 ... 767/768, whose sum is 383.5; all is linear.
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {999, -1})};
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::latent_consistency{fk::parameterization::epsilon{}}, grid, lcm{});
  const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [](int, int, const test::linear& x) {
    test::linear said;
    test::add(said, x, 999.0 / 1000.0);
    return said;
  });
  CHECK(end.at({-2, 0}) * 383.5 == Approx(18.7097).epsilon(0).margin(1e-3));  // diffusers' own tolerance
}

TEST_CASE("lcm is the multistep sampling of consistency models with their smallest sigma") {
  // Song et al. 2023, algorithm 1: y_t = D + sqrt(s_t^2 - s_min^2) z.
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {80, 24.4, 5.84, 0.002})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::consistency{}, grid, lcm{.sigma_min = 0.002});
  REQUIRE(plan.calls.size() == 3);
  for (const std::size_t i : {0u, 1u})  // what is written is the scaled input of the next call
    CHECK(plan.calls[i].then.rows[0].normals[0] / plan.calls[i + 1].input_scale ==
          Approx(std::sqrt(std::pow(plan.levels[i + 1].sigma, 2) - 0.002 * 0.002)).epsilon(1e-14));
  CHECK(plan.calls[2].then.normal_count == 0);
}

TEST_CASE("lcm on the circle is the step of TrigFlow models") {
  // Lu & Song 2025: with F of the network, x_t = cos t (cos s x - sin s F(x)) + sin t z at data of deviation 1.
  const fk::grid::explicit_levels grid{fk::levels_at(fk::schedule::trigflow{}, {1.4, 0.9, 0})};
  const auto plan =
      fk::make_plan(fk::schedule::trigflow{}, fk::parameterization::trigflow{.sigma_data = 1}, grid, lcm{});
  const auto& row = plan.calls[0].then.rows[0];
  CHECK(row.inputs[0] == Approx(std::cos(0.9) * std::cos(1.4)).epsilon(1e-13));
  CHECK(row.inputs[1] == Approx(-std::cos(0.9) * std::sin(1.4)).epsilon(1e-13));
  CHECK(row.normals[0] == Approx(std::sin(0.9)).epsilon(1e-13));
}

TEST_CASE("lcm reaches single points, is finite at both ends, and costs one update of two operands") {
  test::is_finite_from_noise_to_data(lcm{});
  test::reaches_a_single_point(lcm{});
  test::costs(lcm{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("lcm refuses a negative sigma_min") {
  CHECK_THROWS_WITH(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), lcm{.sigma_min = -1}),
      Catch::Contains("sigma_min is -1") && Catch::Contains("a number >= 0"));
}

TEST_CASE("lcm multiplies its normals by s_noise") {
  const fk::grid::uniform grid{.steps = 3};
  const auto deviation = [&](double s_noise) {
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, grid, lcm{.s_noise = s_noise});
    return plan.calls[0].then.rows[0].normals[0];
  };
  CHECK(deviation(0.5) == 0.5 * deviation(1));
  CHECK_THROWS_WITH(deviation(-1), Catch::Contains("s_noise is -1; allowed: a number >= 0"));
}
