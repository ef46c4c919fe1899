// SPDX-License-Identifier: MIT
#include <fokker/solver/seeds_3.hpp>

#include <fokker/solver/dpmpp_3s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::seeds_3;

TEST_CASE("seeds_3 converges at order 3 without noise, and weakly at order 2 with it", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, seeds_3{.eta = 0}, 12) == Approx(seeds_3::order).epsilon(0).margin(0.15));
  });
  // A step knows of its path sigma/alpha alone.
  CHECK(test::measured_weak_order(fk::schedule::edm{}, seeds_3{}, 64) == Approx(2).epsilon(0).margin(0.15));
}

TEST_CASE("seeds_3 without noise is dpmpp_3s") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(seeds_3{.eta = 0}) == Approx(end(fk::solver::dpmpp_3s{})).epsilon(1e-12));
  });
}

TEST_CASE("the noise of the stages of seeds_3 is that of one path") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  const double eta = 0.7, h = std::log(2.5);
  const auto seen = test::respond(fk::make_plan(schedule, fk::parameterization::data{}, grid, seeds_3{.eta = eta}));
  const auto covariance = [](const test::linear& a, const test::linear& b) {
    double sum = 0;
    for (const auto& [key, value] : a)
      if (key.first >= 0 && b.count(key)) sum += value * b.at(key);
    return sum;
  };
  const test::linear* x[] = {&seen.inputs[1], &seen.inputs[2], &seen.end};
  for (int i = 0; i < 3; ++i)
    for (int j = i; j < 3; ++j) {  // sigma_i^2 (1 - e^{-2 eta l_i}) sigma_j / sigma_i e^{-eta (l_j - l_i)}
      const double li = h * (i + 1) / 3, lj = h * (j + 1) / 3;
      const double exact = 25 * std::exp(-li - lj) * -std::expm1(-2 * eta * li) * std::exp(-eta * (lj - li));
      CHECK(covariance(*x[i], *x[j]) == Approx(exact).epsilon(1e-13));
    }
}

TEST_CASE("seeds_3 joins the noises of its stages as their path does") {
  for (const double eta : {0.4, 1.0}) test::joins_its_pieces(seeds_3{.eta = eta}, {2 * eta});
}

TEST_CASE("seeds_3 reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(seeds_3{});
  test::reaches_a_single_point(seeds_3{});
  test::costs(seeds_3{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(seeds_3{.eta = 0}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("seeds_3 refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(seeds_3{.eta = -1}), Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
  CHECK_THROWS_WITH(plan(seeds_3{.r1 = 0}), Catch::Contains("r1 is") && Catch::Contains("above 0 and below 2/3"));
  CHECK_THROWS_WITH(plan(seeds_3{.r1 = 2.0 / 3, .r2 = 0.9}), Catch::Contains("r1 is 0.666"));
  CHECK_THROWS_WITH(plan(seeds_3{.r2 = 1.1}), Catch::Contains("r2 is 1.1"));
  CHECK_THROWS_WITH(plan(seeds_3{.r2 = 0.2}), Catch::Contains("r2 is") && Catch::Contains("above r1 and up to 1"));
}
