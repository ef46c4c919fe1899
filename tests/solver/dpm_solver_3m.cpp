// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_solver_3m.hpp>

#include <fokker/solver/dpm_solver_2m.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::dpm_solver_3m;

TEST_CASE("dpm_solver_3m is of order 3: its step is exact for noise that is a square in log-SNR", "[order]") {
  // dy/dlambda = -e^{-lambda} eps
  const std::vector<double> lambdas{-1.25, -0.5, 0, 0.4};
  const test::last_step step(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, test::at_log_snr(lambdas), dpm_solver_3m{}));
  CHECK(step.of_x == Approx(1).epsilon(1e-14));
  for (int k = 0; k <= 2; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += step.of_call[i] * std::pow(lambdas[i], k);
    const double exact = test::simpson([&](double u) { return -std::exp(-u) * std::pow(u, k); }, 0, 0.4);
    CHECK(sum == Approx(exact).epsilon(1e-13));  // of weights near 1 that cancel to no less than 0.01
  }
}

TEST_CASE("dpm_solver_3m begins with fewer predictions, so that a run is nearly of order 2") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_solver_3m{}, 64) > 1.9);
    CHECK(test::measured_order(schedule, dpm_solver_3m{}, 64) < 2.5);
  });
}

TEST_CASE("dpm_solver_3m in two steps is dpm_solver_2m with exact weights") {
  const test::two_normals problem;
  const auto end = [&](const auto& solver) {
    return test::run(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(2), solver),
                     problem, 0.7);
  };
  CHECK(end(dpm_solver_3m{}) == Approx(end(fk::solver::dpm_solver_2m{.form = fk::solver::form::heun})).epsilon(1e-13));
}

TEST_CASE("dpm_solver_3m reaches single points, is finite at both ends, and keeps two predictions") {
  test::is_finite_from_noise_to_data(dpm_solver_3m{});
  test::reaches_a_single_point(dpm_solver_3m{});
  test::costs(dpm_solver_3m{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
