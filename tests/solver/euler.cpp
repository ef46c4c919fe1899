// SPDX-License-Identifier: MIT
#include <fokker/solver/euler.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler;
using fk::solver::variable;

namespace {
fk::solver::churn churning() { return {.s_churn = 10, .s_tmax = 9}; }  // from the second level on
}  // namespace

TEST_CASE("euler converges at its order on every path and in either variable", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, euler{.variable = v}, 128) == Approx(euler::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("euler reaches single points, is finite at both ends, and costs one update of two operands") {
  test::is_finite_from_noise_to_data(euler{});
  test::is_finite_from_noise_to_data(euler{.variable = variable::ratio});
  test::reaches_a_single_point(euler{});
  test::is_finite_from_noise_to_data(euler{.churn = churning()});
  test::reaches_a_single_point(euler{.churn = churning()});
  test::costs(euler{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(euler{.churn = churning()}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("euler in time needs a schedule that tells its rates") {
  struct silent {
    double alpha(double) const { return 1; }
    double sigma(double time) const { return time; }
    double noise_time() const { return 10; }
    double data_time() const { return 0; }
  };
  CHECK_THROWS_WITH(fk::make_plan(silent{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 2},
                                  euler{.variable = variable::time}),
                    Catch::Contains("data") && Catch::Contains("does not determine flow"));
}
