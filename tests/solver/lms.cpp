// SPDX-License-Identifier: MIT
#include <fokker/solver/lms.hpp>

#include <fokker/solver/euler.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::lms;

namespace {

test::last_step last_step(const std::vector<double>& sigmas) {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, sigmas)};
  return test::last_step(fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, lms<>{}));
}

}  // namespace

TEST_CASE("lms converges at its order on every path, first steps included, up to order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, lms<1>{}, 64) == Approx(lms<1>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, lms<2>{}, 64) == Approx(lms<2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, lms<4>{}, 64) > 2);
  });
}

TEST_CASE("lms of order 4 has Adams and Bashforth's weights on equal steps, onto data as anywhere") {
  for (const double last : {3.0, 0.0}) {
    const test::last_step step = last_step({last + 4, last + 3, last + 2, last + 1, last});
    CHECK(step.of_x == Approx(1).epsilon(1e-14));
    const double weights[] = {9.0 / 24, -37.0 / 24, 59.0 / 24, -55.0 / 24};  // sigma falls by 1
    for (std::size_t i = 0; i < 4; ++i) CHECK(step.of_call[i] == Approx(weights[i]).epsilon(1e-13));
  }
}

TEST_CASE("lms of order 4 is exact for noise that is a cube in sigma, on unequal steps") {
  const std::vector<double> sigmas{9, 6, 4.5, 2, 1.2};
  const test::last_step step = last_step(sigmas);
  for (int k = 0; k <= 3; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += step.of_call[i] * std::pow(sigmas[i], k);
    CHECK(sum == Approx((std::pow(1.2, k + 1) - std::pow(2, k + 1)) / (k + 1)).epsilon(1e-12));  // terms up to 50 times
  }
}

TEST_CASE("lms of order 1 is Euler's method in sigma/alpha") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(lms<1>{}) == Approx(end(fk::solver::euler{.variable = fk::solver::variable::ratio})).epsilon(1e-12));
  });
}

TEST_CASE("lms reaches single points, is finite at both ends, and keeps as many predictions as it must") {
  test::is_finite_from_noise_to_data(lms<>{});
  test::reaches_a_single_point(lms<>{});
  test::costs(lms<2>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(lms<4>{}, {.inputs = 5, .rows = 2, .normals = 0, .buffers = 4});
}
