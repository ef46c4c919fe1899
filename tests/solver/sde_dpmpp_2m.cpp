// SPDX-License-Identifier: MIT
#include <fokker/solver/sde_dpmpp_2m.hpp>

#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::form;
using fk::solver::sde_dpmpp_2m;

TEST_CASE("sde_dpmpp_2m is of weak order 2 on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const form f : {form::midpoint, form::heun})
      for (const double eta : {0.5, 1.0})
        CHECK(test::measured_weak_order(schedule, sde_dpmpp_2m{.form = f, .eta = eta}, 64) ==
              Approx(sde_dpmpp_2m::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("sde_dpmpp_2m has k-diffusion's weights") {
  // k-diffusion, sample_dpmpp_2m_sde: with q = h (1 + eta), r = h' / h, x' = (t/s) e^{-eta h} x + (1 - e^{-q}) D, then
  // (1 - e^{-q}) / 2 (midpoint) or 1 - (1 - e^{-q}) / q (heun) of (D - D') / r, and t sqrt(1 - e^{-2 eta h}) z.
  const double h = 0.4, r = 0.5 / h;
  for (const double eta : {0.0, 0.3, 1.0})
    for (const form f : {form::midpoint, form::heun}) {
      const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                               test::at_log_snr({-0.5, 0, h}), sde_dpmpp_2m{.form = f, .eta = eta}));
      const double q = h * (1 + eta), g = -std::expm1(-q);
      const double of_difference = (f == form::midpoint ? g / 2 : 1 - g / q) / r;
      CHECK(step.of_x == Approx(std::exp(-h - eta * h)).epsilon(1e-14));
      CHECK(step.of_call[1] == Approx(g + of_difference).epsilon(1e-14));
      CHECK(step.of_call[0] == Approx(-of_difference).epsilon(1e-13));  // 1 - g / q loses two digits
      CHECK(step.of_normal == Approx(std::exp(-h) * std::sqrt(-std::expm1(-2 * eta * h))).epsilon(1e-14));
    }
}

TEST_CASE("sde_dpmpp_2m without noise is dpmpp_2m, and in its heun form exponential Adams with noise") {
  const test::normal_data problem;
  test::on_every_path([&](const auto& schedule) {
    const auto law = [&](const auto& solver) {
      return test::law(fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(9), solver), problem);
    };
    const auto same = [&](const auto& a, const auto& b) {
      const auto one = law(a), other = law(b);
      CHECK(one.mean == Approx(other.mean).epsilon(1e-12));
      CHECK(one.variance == Approx(other.variance).epsilon(1e-12));
    };
    same(sde_dpmpp_2m{.eta = 0}, fk::solver::dpmpp_2m{});
    same(sde_dpmpp_2m{.form = form::heun, .eta = 0}, fk::solver::dpmpp_2m{.form = form::heun});
    same(sde_dpmpp_2m{.form = form::heun}, fk::solver::exp_adams<2>{.eta = 1});
  });
}

TEST_CASE("sde_dpmpp_2m reaches single points, is finite at both ends, and keeps one prediction") {
  for (const form f : {form::midpoint, form::heun}) {
    test::is_finite_from_noise_to_data(sde_dpmpp_2m{.form = f});
    test::reaches_a_single_point(sde_dpmpp_2m{.form = f});
  }
  test::costs(sde_dpmpp_2m{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}

TEST_CASE("sde_dpmpp_2m refuses an eta below 0") {
  for (const double eta : {-0.1, std::nan("")})
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), sde_dpmpp_2m{.eta = eta}),
        Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
}
