// SPDX-License-Identifier: MIT
#include <fokker/solver/restart.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fokker/grid/karras.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::restart;
using fk::solver::restart_interval;

namespace {
std::vector<restart_interval> once(double sigma_min = 0.5, double sigma_max = 2, int steps = 3) {
  return {{.sigma_min = sigma_min, .sigma_max = sigma_max, .steps = steps, .repeats = 1}};
}
}  // namespace

TEST_CASE("restart makes as many calls as the paper counts") {
  // Xu et al. 2023: 43 for CIFAR-10; 203 for ImageNet 64 at 36 steps (their code counts levels, one more than steps).
  const auto calls = [](int steps, const std::vector<restart_interval>& intervals) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = steps},
                         restart{.intervals = intervals})
        .calls.size();
  };
  CHECK(calls(18, {}) == 35);
  CHECK(calls(18, {restart_interval{}}) == 43);
  CHECK(calls(36,
              {{19.35, 40.79, 3, 1}, {1.09, 1.92, 3, 1}, {0.59, 1.09, 3, 5}, {0.30, 0.59, 3, 5}, {0.06, 0.30, 5, 6}}) ==
        203);
}

TEST_CASE(
    "restart goes up from the nearest level, by noise of the exact variance, and comes back over Karras' levels") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {10, 3, 1, 0.2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid,
                                  restart{.intervals = once(0.9, 5, 2), .s_noise = 1.003});
  std::vector<double> at;
  for (const auto& c : plan.calls) at.push_back(c.at.sigma);
  const double middle = std::pow((std::pow(5, 1.0 / 7) + 1) / 2, 7);
  const std::vector<double> expected{10, 3, 3, 1, 5, middle, middle, 1, 1, 0.2};
  REQUIRE(at.size() == expected.size());
  for (std::size_t i = 0; i < at.size(); ++i) CHECK(at[i] == Approx(expected[i]).epsilon(1e-14));
  CHECK(plan.calls[3].then.rows[0].normals[0] == Approx(1.003 * std::sqrt(24.0)).epsilon(1e-14));
}

TEST_CASE("restart goes up after the step that ends nearest to sigma_min, on either side of it") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {10, 3, 1, 0.2})};
  for (const auto& [sigma_min, nearest] :
       {std::pair{9.0, 3.0}, std::pair{1.8, 1.0}, std::pair{0.65, 1.0}, std::pair{0.55, 0.2}, std::pair{0.01, 0.2}}) {
    INFO(sigma_min);
    const auto plan =
        fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, restart{.intervals = once(sigma_min, 5, 1)});
    const auto high = std::find_if(plan.calls.begin(), plan.calls.end(),
                                   [](const auto& c) { return std::abs(c.at.sigma - 5) < 1e-12; });
    REQUIRE(high != plan.calls.end());
    CHECK(std::prev(high)->at.sigma == nearest);  // the second stage of Heun's step there
  }
}

TEST_CASE("restart asks for noise of its own each time that it goes up") {
  const auto plan = fk::make_plan(
      fk::schedule::edm{}, fk::parameterization::epsilon{}, test::inner(6),
      restart{.intervals = {{.sigma_min = 0.5, .sigma_max = 2, .repeats = 3}, {.sigma_min = 0.2, .sigma_max = 1}}});
  std::vector<fk::noise_piece> pieces;
  for (const auto& c : plan.calls)
    for (int q = 0; q < c.then.normal_count; ++q) pieces.push_back(c.then.normals[static_cast<std::size_t>(q)]);
  REQUIRE(pieces.size() == 5);
  for (std::uint32_t k = 0; k < 5; ++k) {
    CHECK(pieces[k].visit == k);  // the second interval reaches into the first
    CHECK(pieces[k].from == (k < 3 ? Approx(4) : Approx(1)).epsilon(1e-14));
    CHECK(pieces[k].to == pieces[k < 3 ? 0 : 3].to);
    CHECK(pieces[k].to < pieces[k].from);
  }
}

TEST_CASE("restart converges weakly at order 2, and without intervals is heun", "[order]") {
  test::on_every_path([](const auto& schedule) {
    // The steps of an interval grow with those of the grid.
    const test::normal_data problem;
    std::vector<double> errors;
    for (int steps = 64; steps <= 1024; steps *= 2) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(steps),
                                      restart{.intervals = once(0.5, 2, steps / 4)});
      errors.push_back(std::abs(test::law(plan, problem).variance / problem.variance(plan.levels.back()) - 1));
    }
    CHECK(test::slope(errors) == Approx(2).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, restart{}, 128) == Approx(restart::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("restart reaches single points, is finite at both ends, and costs what heun with noise does") {
  test::is_finite_from_noise_to_data(restart{.intervals = once(0.5, 100)});
  test::reaches_a_single_point(restart{.intervals = once(0.5, 100)});
  test::costs(restart{.intervals = once()}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}

TEST_CASE("restart refuses intervals that are none") {
  const auto refused = [](const restart& solver, const char* text) {
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(6), solver),
                      Catch::Contains(text));
  };
  refused({.intervals = once(0)}, "sigma_min is 0");
  refused({.intervals = once(1, 0.5)}, "sigma_max is 0.5");
  refused({.intervals = once(1, 2, 0)}, "steps is 0");
  refused({.intervals = {{.repeats = 0}}}, "repeats is 0");
  refused({.intervals = once(1, 2, 1'000'001)}, "steps is 1000001; allowed: 1 to 1000000");
  refused({.intervals = {{.steps = 3, .repeats = std::numeric_limits<int>::max()}}},
          "repeats is 2147483647; allowed: 1 to 333333");
  refused({.intervals = once(), .rho = 0}, "rho is 0");
  refused({.intervals = once(), .s_noise = -1}, "s_noise is -1");
}
