// SPDX-License-Identifier: MIT
#include <fokker/solver/cps.hpp>

#include "support/members.hpp"
#include "support/rewards.hpp"

namespace fk = fokker;
using fk::solver::cps;

TEST_CASE("cps has the published mean and deviation") {
  test::has_transition(cps{.eta = 0.8}, [](double from, double to) {
    const double s = to * std::sin(test::pi * 0.8 / 2);
    return test::of_both(1 - to, std::sqrt(to * to - s * s), from, s);
  });
}

TEST_CASE("cps without noise is ddim, and with all of it lcm") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, cps{.eta = 0}, 64) == Approx(cps::order).epsilon(0).margin(0.15));
    const auto plan = [&](const auto& solver) {
      return fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
    };
    const test::two_normals problem;
    const auto run = [&](const auto& solver) { return test::run(plan(solver), problem, 0.7); };
    CHECK(run(cps{.eta = 0}) == run(fk::solver::ddim{}));
    const auto all = plan(cps{.eta = 1});
    for (const auto& c : all.calls) CHECK(c.then.input_count == 1);
  });
}

TEST_CASE("cps in many steps is not the law of the data, by design") {
  const test::normal_data problem;
  const auto ratio = [&](const cps& solver, int steps) {
    const auto plan =
        fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{}, test::inner(steps), solver);
    return test::law(plan, problem).variance / problem.variance(plan.levels.back());
  };
  CHECK(ratio({.eta = 0}, 1000) == Approx(1).margin(0.01));
  CHECK(ratio({.eta = 0.8}, 100) < 0.7);
  CHECK(ratio({.eta = 0.8}, 1000) < 0.7);
}

TEST_CASE("cps reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 0.8, 1.0}) {
    test::is_finite_from_noise_to_data(cps{.eta = eta});
    test::reaches_a_single_point(cps{.eta = eta});
  }
  test::costs(cps{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("cps refuses an eta outside of 0 to 1") { test::refuses_eta<cps>({-0.1, 1.1, std::nan("")}, "0 to 1"); }
