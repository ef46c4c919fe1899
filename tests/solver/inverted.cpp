// SPDX-License-Identifier: MIT
#include <fokker/solver/inverted.hpp>

#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/midpoint.hpp>
#include <fokker/solver/rk4.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler, fk::solver::heun, fk::solver::inverted;

static_assert(fk::goes_towards_noise<inverted<fk::solver::rk4>>() && inverted<fk::solver::rk4>::order == 4);

TEST_CASE("an inverted solver goes from data to noise at its order, and comes back", "[order]") {
  const test::two_normals problem;
  const auto check = [&](const auto& schedule, const auto& solver, int coarsest) {
    std::vector<double> way_there, round_trip;
    for (int steps = coarsest; steps <= coarsest * 8; steps *= 2) {
      const auto there = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(steps), inverted{solver});
      const auto back = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(steps), solver);
      const fk::level &clean = there.levels.front(), &noisy = there.levels.back();
      CHECK(clean.ratio() == Approx(0.1));
      const double x = 0.4 * clean.alpha, latent = test::run(there, problem, x);
      way_there.push_back(std::abs(latent - problem.flow(x, clean, noisy)) / noisy.sigma);
      round_trip.push_back(std::abs(test::run(back, problem, latent) - x) / clean.alpha);
    }
    CHECK(test::slope(way_there) == Approx(solver.order).epsilon(0).margin(0.3));
    CHECK(test::slope(round_trip) >= solver.order - 0.3);  // a symmetric error is less on the way back
  };
  test::on_every_path([&](const auto& schedule) {
    check(schedule, fk::solver::euler{}, 256);
    check(schedule, fk::solver::heun{}, 128);
    check(schedule, fk::solver::rk4{}, 64);
  });
}

TEST_CASE("inverted Euler in sigma/alpha is ddim_inversion") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(7), solver);
      return test::run(plan, problem, 0.3 * plan.levels.front().alpha);
    };
    CHECK(end(inverted{fk::solver::euler{.variable = fk::solver::variable::ratio}}) ==
          Approx(end(fk::solver::ddim_inversion{})).epsilon(1e-12));
  });
}

TEST_CASE("an inverted solver begins on data, and ends on noise where x moves on a straight line") {
  for (const int steps : {1, 2, 3}) {
    const auto finite = [&](const auto& solver) {
      const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                      fk::grid::uniform{.steps = steps}, inverted{solver});
      CHECK(plan.levels.front().is_data());
      CHECK(plan.levels.back().is_noise());
      CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    };
    finite(fk::solver::euler{});
    finite(fk::solver::midpoint{});
    finite(fk::solver::heun{});
    finite(fk::solver::rk4{});
    finite(fk::solver::dopri5{});
  }
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 2}, inverted{fk::solver::rk4{}}),
                    Catch::Contains("does not determine"));
}

TEST_CASE("inverted costs what its solver costs") {
  test::costs(inverted<euler>{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(inverted<heun>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
