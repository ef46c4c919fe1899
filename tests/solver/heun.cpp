// SPDX-License-Identifier: MIT
#include <fokker/solver/heun.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/parameterization/clipped.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::heun;
using fk::solver::variable;

namespace {
fk::solver::churn churning() { return {.s_churn = 10, .s_tmax = 9}; }  // from the second level on
}  // namespace

TEST_CASE("heun converges at its order on every path and in either variable", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, heun{.variable = v}, 128) == Approx(heun::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("heun makes 2 N - 1 calls onto data, as Karras et al. count") {
  for (const auto& [steps, calls] : {std::pair{18, 35}, {40, 79}, {256, 511}})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = steps}, heun{})
              .calls.size() == static_cast<std::size_t>(calls));
}

TEST_CASE("heun with churn, algorithm 2 of Karras et al., converges weakly at order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, heun{.churn = {.s_churn = 5}}, 64) == Approx(2).epsilon(0).margin(0.15));
  });
  // The calls are as many as without.
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 18},
                                  heun{.churn = {.s_churn = 4, .s_tmin = 0.05, .s_tmax = 50}});
  CHECK(plan.calls.size() == 35);
  CHECK(plan.calls[0].at.sigma == plan.levels[0].sigma);  // 80 is above s_tmax
  CHECK(plan.calls[4].at.sigma == Approx(plan.levels[2].sigma * (1 + 4.0 / 18)).epsilon(1e-15));
  CHECK(plan.calls[5].at.sigma == plan.levels[3].sigma);
}

TEST_CASE("heun keeps its order onto data where the network tells the slope there", "[order]") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(test::measured_order_onto_data(heun{.variable = v}, 64) > heun::order - 0.15);
  const auto calls = [](const auto& schedule, const auto& network) {
    return fk::make_plan(schedule, network, fk::grid::uniform{.steps = 5}, heun{}).calls.size();
  };
  const fk::schedule::flow_linear straight;
  CHECK(calls(straight, fk::parameterization::flow{}) == 10);
  CHECK(calls(straight, fk::parameterization::flow{.at_data = false}) == 9);
  CHECK(calls(straight, fk::parameterization::clipped{fk::parameterization::flow{}}) == 9);
  CHECK(calls(fk::schedule::vp_linear{}, fk::parameterization::flow{}) == 9);  // sigma' has no bound there
}

TEST_CASE("heun reaches single points, is finite at both ends, and carries one partial sum") {
  test::is_finite_from_noise_to_data(heun{});
  test::is_finite_from_noise_to_data(heun{.variable = variable::ratio});
  test::reaches_a_single_point(heun{});
  test::is_finite_from_noise_to_data(heun{.churn = churning()});
  test::reaches_a_single_point(heun{.churn = churning()});
  test::costs(heun{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(heun{.churn = churning()}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}
