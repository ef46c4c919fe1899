// SPDX-License-Identifier: MIT
#include <fokker/solver/predictor_corrector.hpp>

#include <limits>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::predictor_corrector;

TEST_CASE("the corrector is a step of Langevin dynamics") {
  // x + e score + sqrt(2 e) z, e = 2 (0.16 * 3)^2, score = -epsilon / 3
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {3, 1, 0})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, predictor_corrector{});
  REQUIRE(plan.calls.size() == 4);
  CHECK(plan.calls[0].at.sigma == plan.calls[1].at.sigma);
  const auto& row = plan.calls[0].then.rows[0];
  const double e = 2 * 0.48 * 0.48;
  CHECK(row.inputs[0] == Approx(1).epsilon(1e-15));
  CHECK(row.inputs[1] == Approx(-e / 3).epsilon(1e-14));
  CHECK(row.normals[0] == Approx(std::sqrt(2 * e)).epsilon(1e-14));
}

TEST_CASE("many corrections have the law of unadjusted Langevin dynamics, which is too wide by its step") {
  // On a normal of variance v steps of e have the variance v / (1 - e / 2v); here e = 2 (snr sigma)^2.
  const test::normal_data problem;
  const fk::schedule::vp_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {0.6, 0.3})};
  const auto variance = [&](int corrections) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid,
                                    predictor_corrector{.snr = 0.3, .corrections = corrections, .eta = 0});
    return test::law(plan, problem).variance;
  };
  const fk::level s = fk::level_at(schedule, 0.6);
  const double e = 2 * 0.09 * s.sigma * s.sigma, v = problem.variance(s);
  // Each step takes (1 - e/v)^2 off what is missing: 200 leave nothing, and round 200 times.
  CHECK(variance(200) / variance(0) == Approx(1 / (1 - e / (2 * v))).epsilon(200 * 0x1p-52));
}

TEST_CASE("predictor_corrector without corrections is ddim, and so are its orders", "[order]") {
  test::on_every_path([](const auto& schedule) {
    const auto law = [&](const auto& solver) {
      return test::law(fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver),
                       test::normal_data{});
    };
    const double mine = law(predictor_corrector{.corrections = 0, .eta = 0.5}).variance;
    CHECK(mine == Approx(law(fk::solver::ddim{.eta = 0.5}).variance).epsilon(1e-13));
    CHECK(test::measured_order(schedule, predictor_corrector{.corrections = 0, .eta = 0}, 64) ==
          Approx(predictor_corrector::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, predictor_corrector{.corrections = 0}, 64) ==
          Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("predictor_corrector reaches single points, is finite at both ends, and costs an update a call") {
  test::is_finite_from_noise_to_data(predictor_corrector{});
  test::reaches_a_single_point(predictor_corrector{});
  test::costs(predictor_corrector{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("predictor_corrector refuses what is out of range") {
  const auto refused = [](const predictor_corrector& solver, const char* text) {
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver),
                      Catch::Contains(text));
  };
  refused({.snr = -1}, "snr is -1");
  refused({.corrections = -1}, "corrections is -1");
  refused({.corrections = std::numeric_limits<int>::max()}, "corrections is 2147483647; allowed: 0 to 333333");
  refused({.eta = 1.5}, "eta is 1.5");
}
