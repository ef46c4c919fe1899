// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_sde.hpp>

#include <vector>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/stepper.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_sde;

TEST_CASE("dpmpp_sde converges weakly at order 2, and its ODE at order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, dpmpp_sde{}, 32) == Approx(2).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, dpmpp_sde{.eta = 0.5}, 32) == Approx(2).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, dpmpp_sde{.eta = 0}, 16) == Approx(dpmpp_sde::order).epsilon(0).margin(0.15));
  });
  CHECK(test::measured_weak_order(fk::schedule::edm{}, dpmpp_sde{.r = 0.3}, 64) == Approx(2).epsilon(0).margin(0.15));
}

TEST_CASE("dpmpp_sde with independent noises would converge weakly at order 1", "[order]") {
  // k-diffusion's step with eta = 1, where the stage's noise does not come from the step's path.
  const test::normal_data problem;
  std::vector<double> errors;
  for (int steps = 32; steps <= 512; steps *= 2) {
    const auto levels = test::inner(steps).levels(fk::schedule::edm{});
    double variance = problem.variance(levels.front());
    for (std::size_t i = 1; i < levels.size(); ++i) {
      const double s = levels[i - 1].sigma, t = levels[i].sigma, m = std::sqrt(s * t);
      const auto slope = [&](double sigma) {
        return problem.deviation * problem.deviation / problem.variance({.sigma = sigma});
      };
      const double middle = m * m / (s * s), end = t * t / (s * s);  // e^{-h}: both ways down at eta = 1
      const double of_x = middle + (1 - middle) * slope(s), of_end = end + (1 - end) * slope(m) * of_x;
      const double noise = (1 - end) * slope(m) * m * std::sqrt(1 - middle);
      variance = of_end * of_end * variance + noise * noise + t * t * (1 - end);
    }
    errors.push_back(std::abs(variance / problem.variance(levels.back()) - 1));
  }
  CHECK(test::slope(errors) == Approx(1).epsilon(0).margin(0.15));
}

TEST_CASE("dpmpp_sde without noise is dpmpp_2s") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(dpmpp_sde{.eta = 0}) == Approx(end(fk::solver::dpmpp_2s{})).epsilon(1e-12));
  });
}

TEST_CASE("dpmpp_sde has k-diffusion's formula, its noises increments of one Brownian motion in sigma") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {8, 2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_sde{});
  const auto r = test::respond(plan);
  CHECK(plan.calls[1].at.sigma == Approx(4).epsilon(1e-14));
  // sigma_down = 4^2 / 8 and 2^2 / 8; sigma_up^2 = 4^2 (1 - 4^2 / 8^2) and 2^2 (1 - 2^2 / 8^2).
  CHECK(r.inputs[1].at({-2, 0}) == Approx(2.0 / 8).epsilon(1e-14));
  CHECK(r.inputs[1].at({-3, 0}) == Approx(1 - 2.0 / 8).epsilon(1e-14));
  CHECK(r.end.at({-2, 0}) == Approx(0.5 / 8).epsilon(1e-14));
  CHECK(r.end.at({-3, 1}) == Approx(1 - 0.5 / 8).epsilon(1e-14));
  std::vector<double> normals;
  for (const auto& [key, value] : r.end)
    if (key.first >= 0) normals.push_back(value);
  REQUIRE(normals.size() == 2);
  // Of the 6 from 8 to 2 the stage has 4.
  CHECK(normals[0] == Approx(std::sqrt(3.75) * std::sqrt(4.0 / 6)).epsilon(1e-14));
  CHECK(normals[1] == Approx(std::sqrt(3.75) * std::sqrt(2.0 / 6)).epsilon(1e-14));
  for (const auto& [key, value] : r.inputs[1])
    if (key.first >= 0) {
      CHECK(value == Approx(std::sqrt(12.0)).epsilon(1e-14));
      CHECK(r.end.at(key) == normals[0]);
    }
}

TEST_CASE("dpmpp_sde has the densities of its normals, the second given the first") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                  fk::grid::explicit_levels{fk::levels_at(fk::schedule::edm{}, {8, 2})}, dpmpp_sde{});
  std::vector<double> x{3, -5}, middle{1.5, -0.25}, end{-1, 0.5};
  fk::stepper run(plan, fk::noise::philox{}, x, fk::beginning::given);
  // As above: of the 6 from 8 to 2 the stage has 4.
  const double first = std::sqrt(12.0), up = std::sqrt(3.75), second = up * std::sqrt(2.0 / 6);
  const auto density = [](double z, double deviation) {
    return -z * z / 2 - std::log(deviation) - std::log(2 * 3.14159265358979323846) / 2;
  };
  const double d = 0.5, e = -0.75;  // what the network says at the first call and at the second
  std::vector<double> of_middle, of_end;
  for (std::size_t i = 0; i < 2; ++i) {
    const double z = (middle[i] - (d + (x[i] - d) / 4)) / first;
    const double mean = e + (x[i] - e) / 16 + up * std::sqrt(4.0 / 6) * z;
    of_middle.push_back(density(z, first));
    of_end.push_back(density((end[i] - mean) / second, second));
  }
  const auto step = [&](double said, double deviation, const std::vector<double>& next,
                        const std::vector<double>& densities) {
    run.output(0) = {said, said};
    CHECK(run.deviation() == Approx(deviation).epsilon(1e-14));
    for (std::size_t i = 0; i < 2; ++i) CHECK(run.log_density(next).at(i) == Approx(densities[i]).epsilon(1e-13));
    run.advance(next);
  };
  step(d, first, middle, of_middle);
  step(e, second, end, of_end);
  CHECK(x == end);
}

TEST_CASE("dpmpp_sde joins the noises of its stages as their path does") {
  for (const double r : {0.2, 0.5, 0.7}) test::joins_its_pieces(dpmpp_sde{.r = r}, {-1});
}

TEST_CASE("dpmpp_sde reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpmpp_sde{});
  test::reaches_a_single_point(dpmpp_sde{});
  test::is_finite_from_noise_to_data(dpmpp_sde{.eta = 0});
  test::reaches_a_single_point(dpmpp_sde{.eta = 0});
  test::costs(dpmpp_sde{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(dpmpp_sde{.eta = 0}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpmpp_sde refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(dpmpp_sde{.eta = -1}), Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
  CHECK_THROWS_WITH(plan(dpmpp_sde{.r = 0}), Catch::Contains("r is") && Catch::Contains("between 0 and 1"));
  CHECK_THROWS_WITH(plan(dpmpp_sde{.r = 1}), Catch::Contains("r is") && Catch::Contains("between 0 and 1"));
}
