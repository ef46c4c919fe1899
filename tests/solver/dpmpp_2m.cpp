// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_2m.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_2m;
using fk::solver::form;

TEST_CASE("dpmpp_2m converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const form f : {form::midpoint, form::heun})
      CHECK(test::measured_order(schedule, dpmpp_2m{.form = f}, 64) == Approx(dpmpp_2m::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpmpp_2m has the midpoint weights on steps of different length") {
  // Lu et al. 2022, algorithm 2, in y-space and data prediction: y' = e^{-h} y + (1 - e^{-h}) [(1 + 1/2r) D -
  // D_before/2r].
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3, 1})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_2m{});
  const double h = std::log(3.0), r = std::log(5.0 / 3.0) / h;
  const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [](int i, int, const test::linear&) {
    return test::linear{{{-3, i}, 1.0}};
  });
  CHECK(end.at({-3, 1}) == Approx((1 - std::exp(-h)) * (1 + 1 / (2 * r))).epsilon(1e-14));
  CHECK(end.at({-3, 0}) == Approx(std::exp(-h) * (1 - 3.0 / 5.0) - (1 - std::exp(-h)) / (2 * r)).epsilon(1e-14));
}

TEST_CASE("dpmpp_2m in its heun form has diffusers' weights, which are those of exponential Adams") {
  // diffusers, solver_type "heun": the midpoint's (1 - e^{-h}) / 2 becomes (e^{-h} - 1) / h + 1.
  const double h = 0.4, r0 = 0.5 / h;
  const test::last_step step(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                           test::at_log_snr({-0.5, 0, h}), dpmpp_2m{.form = form::heun}));
  const double of_difference = (std::expm1(-h) / h + 1) / r0;
  CHECK(step.of_x == Approx(std::exp(-h)).epsilon(1e-14));
  CHECK(step.of_call[1] == Approx(-std::expm1(-h) + of_difference).epsilon(1e-14));
  CHECK(step.of_call[0] == Approx(-of_difference).epsilon(1e-13));  // two digits are lost in (e^{-h} - 1) / h + 1 here

  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(dpmpp_2m{.form = form::heun}) == Approx(end(fk::solver::exp_adams<2>{})).epsilon(1e-12));
  });
}

TEST_CASE("dpmpp_2m in one step, or onto data in two, is ddim there") {
  const test::two_normals problem;
  const fk::schedule::flow_linear schedule;
  const auto plan = [&](int steps, const auto& solver) {
    return fk::make_plan(schedule, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps}, solver);
  };
  for (const int steps : {1, 2})
    CHECK(test::run(plan(steps, dpmpp_2m{}), problem, 0.8) ==
          Approx(test::run(plan(steps, fk::solver::ddim{}), problem, 0.8)).epsilon(1e-14));
}

TEST_CASE("dpmpp_2m reaches single points, is finite at both ends, and keeps one prediction") {
  for (const form f : {form::midpoint, form::heun}) {
    test::is_finite_from_noise_to_data(dpmpp_2m{.form = f});
    test::reaches_a_single_point(dpmpp_2m{.form = f});
  }
  test::costs(dpmpp_2m{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
