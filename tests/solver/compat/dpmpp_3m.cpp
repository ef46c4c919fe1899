// SPDX-License-Identifier: MIT
#include <fokker/solver/compat/dpmpp_3m.hpp>

#include <fokker/solver/dpmpp_3m.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::form;
using fk::solver::compat::dpmpp_3m;

TEST_CASE("compat::dpmpp_3m is of order 2, also weakly", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpmpp_3m{}, 64) == Approx(dpmpp_3m::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, dpmpp_3m{.form = form::heun, .eta = 1}, 64) ==
          Approx(2).epsilon(0).margin(0.15));
  });
}

TEST_CASE("compat::dpmpp_3m has the weights of k-diffusion's sample_dpmpp_3m_sde") {
  // q = h (1 + eta), f2 = (e^{-q} - 1) / q + 1, f3 = f2 / q - 1/2; d10 = (D - D') / r0, d11 = (D' - D'') / r1,
  // d1 = d10 + (d10 - d11) r0 / (r0 + r1), d2 = (d10 - d11) / (r0 + r1); x' = ... + f2 d1 - f3 d2. diffusers writes the
  // same for eta = 0, and for eta = 1 has the other sign before 1/2, with which the order is 1.
  const double h = 0.4, r0 = 0.5 / h, r1 = 0.75 / h;
  for (const double eta : {0.0, 1.0}) {
    const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                             test::at_log_snr({-1.25, -0.5, 0, h}), dpmpp_3m{.eta = eta}));
    const double q = h * (1 + eta), f2 = std::expm1(-q) / q + 1, f3 = f2 / q - 0.5;
    const double share = r0 / (r0 + r1), of_d10 = f2 * (1 + share) - f3 / (r0 + r1);
    const double of_d11 = -f2 * share + f3 / (r0 + r1);
    // f3 loses three digits
    CHECK(step.of_x == Approx(std::exp(-q)).epsilon(1e-14));
    CHECK(step.of_call[2] == Approx(-std::expm1(-q) + of_d10 / r0).epsilon(1e-13));
    CHECK(step.of_call[1] == Approx(-of_d10 / r0 + of_d11 / r1).epsilon(1e-13));
    CHECK(step.of_call[0] == Approx(-of_d11 / r1).epsilon(1e-12));
    CHECK(step.of_normal == Approx(std::exp(-h) * std::sqrt(-std::expm1(-2 * eta * h))).epsilon(1e-14));
  }
}

TEST_CASE("compat::dpmpp_3m has 11/6, -7/6, 1/3 on small equal steps, where the exact form has 23/12, -16/12, 5/12") {
  const double h = 1e-4;
  const auto check = [&](const auto& solver, double newest, double before, double oldest) {
    const test::last_step step(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::at_log_snr({-2 * h, -h, 0, h}), solver));
    // The weights over h are these but for h times the next phi's; differences of steps lose four digits.
    CHECK(step.of_call[2] / h == Approx(newest).epsilon(0).margin(2 * h));
    CHECK(step.of_call[1] / h == Approx(before).epsilon(0).margin(2 * h));
    CHECK(step.of_call[0] / h == Approx(oldest).epsilon(0).margin(2 * h));
  };
  check(dpmpp_3m{}, 11.0 / 6, -7.0 / 6, 1.0 / 3);
  check(fk::solver::dpmpp_3m{}, 23.0 / 12, -16.0 / 12, 5.0 / 12);
}

TEST_CASE("compat::dpmpp_3m takes its second step as the form says") {
  const test::normal_data problem;
  const auto variance = [&](const auto& solver) {
    return test::law(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, test::inner(2), solver),
                     problem)
        .variance;
  };
  for (const form f : {form::midpoint, form::heun})
    CHECK(variance(dpmpp_3m{.form = f, .eta = 1}) ==
          Approx(variance(fk::solver::sde_dpmpp_2m{.form = f})).epsilon(1e-13));
}

TEST_CASE("compat::dpmpp_3m reaches single points, is finite at both ends, and keeps two predictions") {
  test::is_finite_from_noise_to_data(dpmpp_3m{});
  test::is_finite_from_noise_to_data(dpmpp_3m{.eta = 1});
  test::reaches_a_single_point(dpmpp_3m{});
  test::costs(dpmpp_3m{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
  test::costs(dpmpp_3m{.eta = 1}, {.inputs = 4, .rows = 2, .normals = 1, .buffers = 3});
}
