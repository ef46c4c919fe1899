// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_solver_2m.hpp>

#include <fokker/solver/exp_adams.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::dpm_solver_2m;
using fk::solver::form;

TEST_CASE("dpm_solver_2m converges at its order on every path, and weakly with noise", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const form f : {form::midpoint, form::heun}) {
      CHECK(test::measured_order(schedule, dpm_solver_2m{.form = f}, 64) == Approx(2).epsilon(0).margin(0.15));
      CHECK(test::measured_weak_order(schedule, dpm_solver_2m{.form = f, .eta = 1}, 64) ==
            Approx(2).epsilon(0).margin(0.15));
    }
  });
}

TEST_CASE("dpm_solver_2m has diffusers' weights") {
  // diffusers, "dpmsolver": x' = x - t (e^h - 1) D0 - w D1 with w = t (e^h - 1) / 2 (midpoint) or t ((e^h - 1) / h - 1)
  // (heun), D1 = (e - e') / r0; "sde-dpmsolver": twice all three, and t sqrt(e^{2h} - 1) z.
  const double h = 0.4, r0 = 0.5 / h, t = std::exp(-h), e = std::expm1(h);
  for (const double eta : {0.0, 1.0})
    for (const form f : {form::midpoint, form::heun}) {
      const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                                               test::at_log_snr({-0.5, 0, h}), dpm_solver_2m{.form = f, .eta = eta}));
      const double of_difference = (1 + eta) * t * (f == form::midpoint ? e / 2 : e / h - 1) / r0;
      CHECK(step.of_x == Approx(1).epsilon(1e-14));
      CHECK(step.of_call[1] == Approx(-(1 + eta) * t * e - of_difference).epsilon(1e-14));
      CHECK(step.of_call[0] == Approx(of_difference).epsilon(1e-13));  // e / h - 1 loses two digits
      CHECK(step.of_normal == Approx(std::sqrt(eta) * t * std::sqrt(std::expm1(2 * h))).epsilon(1e-14));
    }
}

TEST_CASE("dpm_solver_2m in its heun form is exponential Adams") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(dpm_solver_2m{.form = form::heun}) ==
          Approx(end(fk::solver::exp_adams<2>{.target = fk::solver::target::epsilon,
                                              .variable = fk::solver::variable::log_snr}))
              .epsilon(1e-12));
  });
}

TEST_CASE("dpm_solver_2m reaches single points, is finite at both ends, and keeps one prediction") {
  for (const form f : {form::midpoint, form::heun}) {
    test::is_finite_from_noise_to_data(dpm_solver_2m{.form = f});
    test::is_finite_from_noise_to_data(dpm_solver_2m{.form = f, .eta = 1});
    test::reaches_a_single_point(dpm_solver_2m{.form = f});
  }
  test::costs(dpm_solver_2m{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(dpm_solver_2m{.eta = 1}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}
