// SPDX-License-Identifier: MIT
#include <fokker/solver/compat/dpm_solver_3m.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::compat::dpm_solver_3m;

TEST_CASE("compat::dpm_solver_3m is of order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_solver_3m{}, 64) == Approx(dpm_solver_3m::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("compat::dpm_solver_3m has diffusers' weights") {
  // diffusers, "dpmsolver" of order 3: x' = x - t (e^h - 1) D0 - t ((e^h - 1) / h - 1) D1
  // - t ((e^h - 1 - h) / h^2 - 1/2) D2, with D1 and D2 the differences of DPM-Solver++(3M).
  const double h = 0.4, r0 = 0.5 / h, r1 = 0.75 / h, t = std::exp(-h);
  const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                                           test::at_log_snr({-1.25, -0.5, 0, h}), dpm_solver_3m{}));
  const double e = std::expm1(h), of_first = t * (e / h - 1), of_second = t * ((e - h) / (h * h) - 0.5);
  const double share = r0 / (r0 + r1), of_d10 = of_first * (1 + share) + of_second / (r0 + r1);
  const double of_d11 = -of_first * share - of_second / (r0 + r1);
  // of_second loses three digits
  CHECK(step.of_x == Approx(1).epsilon(1e-14));
  CHECK(step.of_call[2] == Approx(-t * e - of_d10 / r0).epsilon(1e-13));
  CHECK(step.of_call[1] == Approx(of_d10 / r0 - of_d11 / r1).epsilon(1e-13));
  CHECK(step.of_call[0] == Approx(of_d11 / r1).epsilon(1e-12));
}

TEST_CASE("compat::dpm_solver_3m reaches single points, is finite at both ends, and keeps two predictions") {
  test::is_finite_from_noise_to_data(dpm_solver_3m{});
  test::reaches_a_single_point(dpm_solver_3m{});
  test::costs(dpm_solver_3m{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
