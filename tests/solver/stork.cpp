// SPDX-License-Identifier: MIT
#include <fokker/solver/stork.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::stork;

namespace {

/// The last step over these times, on a straight path.
template <class Solver>
test::last_step last_step(const std::vector<double>& times, const Solver& solver) {
  const fk::schedule::flow_linear straight;
  return test::last_step(fk::make_plan(straight, fk::parameterization::flow{},
                                       fk::grid::explicit_levels{fk::levels_at(straight, times)}, solver));
}

/// Kutta's 3/8 rule of order 4, `count` sub-steps over h, on dx/dt = v(t).
template <class Velocity>
double sub_steps(Velocity v, double h, int count) {
  double x = 0;
  const double part = h / count;
  for (int i = 0; i < count; ++i) {
    const double t = i * part;
    x += part / 8 * (v(t) + 3 * v(t + part / 3) + 3 * v(t + 2 * part / 3) + v(t + part));
  }
  return x;
}

}  // namespace

TEST_CASE("any number of sub-steps of order 4 over the Taylor polynomial of the velocity is the one step of stork") {
  const std::vector<double> times{0.95, 0.8, 0.7, 0.45, 0.3};
  const double h = -0.15;
  const auto check = [&](const auto& solver, std::size_t nodes) {
    const test::last_step step = last_step(times, solver);
    CHECK(step.of_x == Approx(1).epsilon(1e-15));
    for (std::size_t call = 4 - nodes; call < 4; ++call) {
      // The share of this call in the polynomial through the last `nodes` velocities, which is its Taylor polynomial.
      const std::vector<double> last(times.begin() + 4 - static_cast<long>(nodes), times.begin() + 4);
      const auto v = [&](double t) { return test::lagrange(last, call - (4 - nodes), 0.45 + t); };
      // weights up to 3 h, of sums of 50 terms
      for (const int count : {1, 5, 10, 20, 50})
        CHECK(step.of_call[call] == Approx(sub_steps(v, h, count)).epsilon(0).margin(0x1p-53 * 64 * 3));
    }
  };
  check(stork<1>{}, 2);
  check(stork<>{}, 3);
  check(stork<3>{}, 4);
}

TEST_CASE("stork on equal steps has the published derivatives, of three points, and Adams and Bashforth's weights") {
  const double h = -0.2;
  const test::last_step step = last_step({0.9, 0.7, 0.5, 0.3}, stork<>{});
  // v' = (v'' - 4 v' + 3 v) / 2h of three points in a row, v'' = (v'' - 2 v' + v) / h^2
  const double first[] = {1 / (2 * h), -4 / (2 * h), 3 / (2 * h)}, second[] = {1 / (h * h), -2 / (h * h), 1 / (h * h)};
  const double adams[] = {5.0 / 12, -16.0 / 12, 23.0 / 12};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(step.of_call[i] ==
          Approx((i == 2 ? h : 0) + h * h / 2 * first[i] + h * h * h / 6 * second[i]).epsilon(1e-13));
    CHECK(step.of_call[i] == Approx(h * adams[i]).epsilon(1e-13));
  }
}

TEST_CASE("stork converges at its order on every path, first steps included, up to order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, stork<1>{}, 128) == Approx(stork<1>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, stork<>{}, 128) > 2);
  });
  CHECK(test::measured_order_onto_data(stork<1>{}, 32) == Approx(2).epsilon(0).margin(0.15));
}

TEST_CASE("stork of a flow is exact at both ends, and keeps as many predictions as it must") {
  for (const int steps : {1, 2, 3, 5}) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = steps}, stork<>{});
    CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  }
  test::costs(stork<>{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
