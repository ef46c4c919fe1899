// SPDX-License-Identifier: MIT
#include <fokker/solver/runge_kutta.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::tableau;

namespace {
constexpr tableau<2> ralston{{0, 2.0 / 3}, {{{2.0 / 3}, {0.25, 0.75}}}};
constexpr tableau<3> kutta{{0, 0.5, 1}, {{{0.5}, {-1, 2}, {1.0 / 6, 2.0 / 3, 1.0 / 6}}}};
static_assert(ralston.is_diagonal() && !kutta.is_diagonal());

template <std::size_t Stages>
struct method {
  static constexpr int order = static_cast<int>(Stages);
  static constexpr int evaluations = static_cast<int>(Stages);
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  tableau<Stages> of;
  fk::solver::variable variable = fk::solver::variable::natural;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    return fk::solver::runge_kutta(of, variable, p, x);
  }
};
}  // namespace

TEST_CASE("a tableau of one's own has its order, whether each stage has one slope or several") {
  const fk::schedule::vp_linear vp;
  const fk::schedule::flow_linear flow;
  CHECK(test::measured_order(vp, method<2>{ralston}, 32) == Approx(2).margin(0.15));
  CHECK(test::measured_order(flow, method<2>{ralston}, 32) == Approx(2).margin(0.15));
  CHECK(test::measured_order(vp, method<3>{kutta}, 32) == Approx(3).margin(0.15));
  CHECK(test::measured_order(flow, method<3>{kutta}, 64) == Approx(3).margin(0.15));
}

TEST_CASE("a stage on the data makes the last step Euler's") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 3}, method<3>{kutta});
  CHECK(plan.calls.size() == 3 + 3 + 1);
  const auto inside = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = 3}, method<2>{ralston});
  CHECK(inside.calls.size() == 6);
}
