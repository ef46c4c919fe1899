// SPDX-License-Identifier: MIT
#include <fokker/solver/exp_adams.hpp>

#include <limits>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::exp_adams;
using fk::solver::target;
using fk::solver::variable;

TEST_CASE("exp_adams converges at its order on every path, first steps included, up to order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, exp_adams<1>{}, 32) == Approx(exp_adams<1>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, exp_adams<2>{}, 32) == Approx(exp_adams<2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, exp_adams<1, true>{}, 32) ==
          Approx(exp_adams<1, true>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, exp_adams<2>{.target = target::epsilon}, 32) ==
          Approx(exp_adams<2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, exp_adams<2>{.target = target::velocity}, 32) ==
          Approx(exp_adams<2>::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("exp_adams of order 1 is ddim for data, and Euler for flow in time") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(exp_adams<1>{}) == Approx(end(fk::solver::ddim{})).epsilon(1e-12));
    CHECK(end(exp_adams<1>{.target = target::flow}) ==
          Approx(end(fk::solver::euler{.variable = variable::time})).epsilon(1e-12));
  });
}

TEST_CASE("exp_adams reaches single points and is finite at both ends") {
  test::is_finite_from_noise_to_data(exp_adams<1>{});
  // A velocity of constant data is no polynomial in the time of a curved path: only the coefficients are asked for.
  for (const auto q : {target::velocity, target::flow, target::network})
    for (const int steps : {1, 2, 3}) {
      const auto check = [&](const auto& schedule) {
        CHECK_NOTHROW(fk::make_plan(schedule, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps},
                                    exp_adams<3>{.target = q}));
      };
      check(fk::schedule::flow_linear{});
      check(fk::schedule::cosine{});
    }
  test::is_finite_from_noise_to_data(exp_adams<2, true>{});
  test::is_finite_from_noise_to_data(exp_adams<2>{.eta = 1});
  test::reaches_a_single_point(exp_adams<3>{});
  test::reaches_a_single_point(exp_adams<2, true>{});
}

TEST_CASE("exp_adams keeps as many predictions as it must") {
  test::costs(exp_adams<1>{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(exp_adams<2>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(exp_adams<3>{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
  test::costs(exp_adams<2>{.eta = 1}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(exp_adams<2, true>{}, {.inputs = 5, .rows = 3, .normals = 0, .buffers = 3});
}

TEST_CASE("exp_adams refuses an eta that is negative or no number, by name") {
  for (const double eta : {-1.0, std::numeric_limits<double>::quiet_NaN()})
    law::refused(
        [&] {
          (void)fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, test::inner(2),
                              exp_adams<2>{.eta = eta});
        },
        {"eta is "});
}

TEST_CASE("exp_adams of order 1 with noise is the SDE of Flow-GRPO where steps are small") {
  // Liu et al. 2025: x + (u + w^2 / (2 t) (x + (1 - t) u)) dt + w sqrt(dt) z over dt towards data, w = a sqrt(t / (1 -
  // t)). Weights differ by order dt^2, the variance as well: halving dt divides by 4.
  const double a = 0.7, t = 0.6;
  const fk::schedule::flow_linear schedule;
  const auto off = [&](double dt) {
    const fk::grid::explicit_levels grid{fk::levels_at(schedule, {t, t - dt, 0})};
    const auto plan = fk::make_plan(schedule, fk::parameterization::flow{}, grid, exp_adams<1>{.eta = a * a / 2});
    const auto& row = plan.calls[0].then.rows[0];
    const double w2 = a * a * t / (1 - t), score = w2 / (2 * t) * dt;
    return std::array{row.inputs[0] - (1 - score), row.inputs[1] - (-dt - score * (1 - t)),
                      row.normals[0] * row.normals[0] - w2 * dt};
  };
  const auto coarse = off(0.004), fine = off(0.002);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(std::abs(coarse[i]) < 1e-4);
    CHECK(coarse[i] / fine[i] == Approx(4).margin(0.1));  // 1 + O(dt)
  }
}
