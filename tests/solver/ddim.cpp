// SPDX-License-Identifier: MIT
#include <fokker/solver/ddim.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/solver/euler.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddim;

TEST_CASE("ddim converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, ddim{}, 64) == Approx(ddim::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, ddim{.eta = 1}, 64) == Approx(1).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, ddim{.eta = 0.5}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("ddim on normal data is the exact flow times the product of cosines") {
  const test::normal_data problem{.mean = 0, .deviation = 0.5};
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                  fk::grid::karras{.steps = 17, .end = fk::ending::to_last_level}, ddim{});
  double product = 1;
  for (std::size_t i = 1; i < plan.levels.size(); ++i)
    product *= std::cos(std::atan2(plan.levels[i - 1].sigma, 0.5) - std::atan2(plan.levels[i].sigma, 0.5));
  const double ratio = test::run(plan, problem, 80.0) / problem.flow(80.0, plan.levels.front(), plan.levels.back());
  CHECK(ratio == Approx(product).epsilon(1e-14));
  CHECK(ratio == Approx(0.846086165928).epsilon(1e-12));  // to the digits of an independent 40-digit evaluation
}

TEST_CASE("ddim is Euler's method in sigma/alpha, and on the straight path in time") {
  const test::two_normals problem;
  const auto same = [&](const auto& schedule, const auto& network, const fk::solver::euler& euler) {
    for (const int steps : {1, 5, 40}) {
      const auto a = fk::make_plan(schedule, network, test::inner(steps), ddim{});
      const auto b = fk::make_plan(schedule, network, test::inner(steps), euler);
      CHECK(test::run(a, problem, 3.0) == Approx(test::run(b, problem, 3.0)).epsilon(1e-12));
    }
  };
  test::on_every_path([&](const auto& schedule) {
    same(schedule, fk::parameterization::epsilon{}, {.variable = fk::solver::variable::ratio});
  });
  same(fk::schedule::flow_linear{}, fk::parameterization::flow{}, {.variable = fk::solver::variable::time});
  same(fk::schedule::edm{}, fk::parameterization::flow{}, {.variable = fk::solver::variable::time});
}

TEST_CASE("ddim reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 0.3, 1.0}) test::is_finite_from_noise_to_data(ddim{.eta = eta});
  test::reaches_a_single_point(ddim{});
  test::costs(ddim{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(ddim{.eta = 1}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("ddim refuses an eta outside of 0 to 1") {
  for (const double eta : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), ddim{.eta = eta}),
        Catch::Contains("eta is") && Catch::Contains("0 to 1"));
}
