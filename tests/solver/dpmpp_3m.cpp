// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_3m.hpp>

#include <fokker/solver/dpmpp_2m.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_3m;

TEST_CASE("dpmpp_3m has the exact weights of three predictions on steps of different length") {
  // The integrals of e^{-(h - u)} times Lagrange's polynomials, independently evaluated with 40 digits.
  const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                           test::at_log_snr({-1.25, -0.5, 0, 0.4}), dpmpp_3m{}));
  CHECK(step.of_x == Approx(.670320046035639).epsilon(1e-14));
  CHECK(step.of_call[2] == Approx(.557551935550105).epsilon(1e-14));
  CHECK(step.of_call[1] == Approx(-.286026574595388).epsilon(1e-14));
  CHECK(step.of_call[0] == Approx(.0581545930096438).epsilon(1e-14));
}

TEST_CASE("dpmpp_3m is of order 3: its step is exact for data that are a square in log-SNR", "[order]") {
  const std::vector<double> lambdas{-1.25, -0.5, 0, 0.4};
  const test::last_step step(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::at_log_snr(lambdas), dpmpp_3m{}));
  for (int k = 0; k <= 2; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += step.of_call[i] * std::pow(lambdas[i], k);
    const double exact = test::simpson([&](double u) { return std::exp(u - 0.4) * std::pow(u, k); }, 0, 0.4);
    CHECK(sum == Approx(exact).epsilon(1e-13));  // of weights near 1 that cancel to no less than 0.02
  }
}

TEST_CASE("dpmpp_3m begins with fewer predictions, so that a run is nearly of order 2") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpmpp_3m{}, 64) > 2);
    CHECK(test::measured_order(schedule, dpmpp_3m{}, 64) < 2.5);
  });
}

TEST_CASE("dpmpp_3m in two steps is dpmpp_2m with exact weights") {
  const test::two_normals problem;
  const auto end = [&](const auto& solver) {
    return test::run(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(2), solver),
                     problem, 0.7);
  };
  CHECK(end(dpmpp_3m{}) == Approx(end(fk::solver::dpmpp_2m{.form = fk::solver::form::heun})).epsilon(1e-13));
}

TEST_CASE("dpmpp_3m reaches single points, is finite at both ends, and keeps two predictions") {
  test::is_finite_from_noise_to_data(dpmpp_3m{});
  test::reaches_a_single_point(dpmpp_3m{});
  test::costs(dpmpp_3m{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
