// SPDX-License-Identifier: MIT
#include <fokker/solver/plms.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::plms;

namespace {

/// The order on levels equally spaced in sigma, which is time on this path.
template <class Solver>
double order_on_equal_steps(const Solver& solver, int coarsest) {
  const test::two_normals problem;
  const fk::schedule::edm schedule;
  std::vector<double> errors;
  for (int steps = coarsest; steps <= 8 * coarsest; steps *= 2) {
    std::vector<double> times;
    for (int i = 0; i <= steps; ++i) times.push_back(2 - 1.5 * i / steps);
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{},
                                    fk::grid::explicit_levels{fk::levels_at(schedule, times)}, solver);
    errors.push_back(
        std::abs(test::run(plan, problem, 1.3) - problem.flow(1.3, plan.levels.front(), plan.levels.back())));
  }
  return test::slope(errors);
}

}  // namespace

TEST_CASE("plms converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, plms{}, 64) == Approx(plms::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("plms has order 3 on equal steps, by its first steps alone") {
  // Improved Euler and two predictions have local errors of order 3, once each.
  CHECK(order_on_equal_steps(plms{}, 64) == Approx(3).epsilon(0).margin(0.15));
}

TEST_CASE("plms has the weights of latent diffusion, its first step the improved Euler method") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {6, 5, 4, 3, 2, 1})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, plms{});
  REQUIRE(plan.calls.size() == 6);
  const double expected[][6] = {{-1},
                                {-1 / 2., -1 / 2.},
                                {-1 / 2. + 1 / 2., -1 / 2., -3 / 2.},
                                {0 - 5 / 12., -1 / 2., -3 / 2. + 16 / 12., -23 / 12.},
                                {-5 / 12. + 9 / 24., -1 / 2., -1 / 6. - 37 / 24., -23 / 12. + 59 / 24., -55 / 24.}};
  const auto r = test::respond(plan);
  for (std::size_t call = 1; call < 6; ++call)
    for (int i = 0; i < static_cast<int>(call); ++i)
      CHECK((r.inputs[call].count({-3, i}) ? r.inputs[call].at({-3, i}) : 0) ==
            Approx(expected[call - 1][i]).epsilon(0).margin(1e-14));
}

TEST_CASE("plms reaches single points, is finite at both ends, and keeps three predictions") {
  test::is_finite_from_noise_to_data(plms{});
  test::reaches_a_single_point(plms{});
  test::costs(plms{}, {.inputs = 5, .rows = 2, .normals = 0, .buffers = 4});
}
