// SPDX-License-Identifier: MIT
#include <fokker/solver/runge_kutta.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::tableau;

namespace {

/// One slope a stage.
struct one_slope {
  static constexpr tableau<3> method{.nodes = {0, 0.5, 0.75},
                                     .weights = {{{0.5}, {0, 0.75}, {2.0 / 9, 3.0 / 9, 4.0 / 9}}}};
};

/// Kutta's method of order 3: its last stage stands at the end of the step and has two slopes.
struct kutta {
  static constexpr int order = 3;
  static constexpr int evaluations = 3;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  static constexpr tableau<3> method{.nodes = {0, 0.5, 1}, .weights = {{{0.5}, {-1, 2}, {1.0 / 6, 2.0 / 3, 1.0 / 6}}}};
  fk::solver::variable variable = fk::solver::variable::natural;

  fk::plan::expression operator()(fk::plan::builder& p, const fk::plan::expression& x) const {
    return runge_kutta(method, variable, p, x);
  }
};

}  // namespace

TEST_CASE("a tableau is diagonal where each stage has one slope, the one before it") {
  static_assert(one_slope::method.is_diagonal());
  static_assert(!kutta::method.is_diagonal());
}

TEST_CASE("a stage at the end of a step is asked for there, with the label that the grid has") {
  static_assert(kutta::method.calls_end());
  static_assert(!one_slope::method.calls_end());
  test::on_every_path([](const auto& schedule) {
    auto levels = test::inner(2).levels(schedule);
    for (auto& l : levels) l.label = 1 / l.sigma;
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, fk::grid::explicit_levels{levels}, kutta{});
    REQUIRE(plan.calls.size() == 6);
    CHECK(plan.calls[2].at.label == levels[1].label);
    CHECK(plan.calls[5].at.label == levels[2].label);
  });
}

TEST_CASE("any explicit tableau is a solver") {
  test::has_stability_polynomial(kutta{}, {1, 1, 1.0 / 2, 1.0 / 6});
  test::integrates_powers(kutta{}, 3);
  test::is_finite_from_noise_to_data(kutta{});
  test::is_finite_from_noise_to_data(kutta{.variable = fk::solver::variable::ratio});
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, kutta{}, 64) == Approx(3).epsilon(0).margin(0.15));
  });
}

TEST_CASE("a method with a stage on the data steps onto them by one call") {
  const auto calls = [](fk::solver::variable v) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 2},
                         kutta{.variable = v})
        .calls.size();
  };
  CHECK(calls(fk::solver::variable::time) == 4);
  CHECK(calls(fk::solver::variable::ratio) == 4);
}
