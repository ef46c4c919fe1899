// SPDX-License-Identifier: MIT
#include <fokker/solver/bdia.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::bdia;

TEST_CASE("bdia is of order 2 with gamma 1, and errs (1 - gamma) / (1 + gamma) times as much as ddim below",
          "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, bdia{}, 64) == Approx(2).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, bdia{.gamma = 0.5}, 64) == Approx(bdia::order).epsilon(0).margin(0.15));
    const test::two_normals problem;
    const auto error = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(2048), solver);
      const double x = 5 * plan.levels.front().alpha;
      return test::run(plan, problem, x) - problem.flow(x, plan.levels.front(), plan.levels.back());
    };
    CHECK(error(bdia{.gamma = 0.5}) / error(fk::solver::ddim{}) == Approx(1.0 / 3).epsilon(0.02));  // order 1 in 1/2048
  });
}

namespace {

/// A run on one number, with what it reads at its last call.
struct trip {
  double x = 0, last_read = 0;

  template <class Problem>
  trip(const fk::plan::program& plan, const Problem& problem, double from, const fk::given_inputs& given = {}) {
    std::vector<double> memory{from};
    const test::silence silent;
    fk::stepper<std::vector<double>, test::silence> run(plan, silent, memory, fk::beginning::given, given);
    while (!run.done()) {
      last_read = run.input()[0];
      run.output(0)[0] = test::predict(problem, run.call(), last_read);
      run.advance();
    }
    x = memory[0];
  }
};

/// How far a run to noise and back ends from x, with bdia from the two last states and with ddim.
std::pair<double, double> round_trips(double gamma, int steps, double x) {
  const test::two_normals problem;
  const fk::schedule::flow_linear schedule;
  const fk::parameterization::flow network;
  std::vector<double> times;
  for (int i = 0; i <= steps; ++i) times.push_back(std::pow(1 - static_cast<double>(i) / steps, 1.5));
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, times)};
  const bdia solver{.gamma = gamma};
  const trip there(fk::make_plan(schedule, network, grid, solver.inversion()), problem, x);
  const std::vector<double> next{there.last_read};
  const trip back(fk::make_plan(schedule, network, grid, bdia{.gamma = gamma, .given_next = true}), problem, there.x,
                  {{{"next", next}}});
  const double latent = trip(fk::make_plan(schedule, network, grid, fk::solver::ddim_inversion{}), problem, x).x;
  const double ddim = trip(fk::make_plan(schedule, network, grid, fk::solver::ddim{}), problem, latent).x;
  return {std::abs(back.x - x), std::abs(ddim - x)};
}

}  // namespace

TEST_CASE("bdia finds the data that its inversion began with, to rounding, where ddim is off") {
  for (const double x : {-1.1, -0.2, 0.5, 0.7})
    for (const auto& [gamma, steps] : {std::pair{1.0, 10}, {1.0, 50}, {0.9, 50}, {0.5, 10}}) {
      const auto [exact, ddim] = round_trips(gamma, steps, x);
      CHECK(exact <= 0x1p-53 * 4 * 2 * steps);  // each step rounds 4 operands of up to 2, and does not amplify
      CHECK(ddim > 1e-4);
    }
}

TEST_CASE("the inversion of bdia finds noise at order 2 with gamma 1, and no noise where gamma is less") {
  const test::two_normals problem;
  const auto error = [&](double gamma, int steps) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, test::inner(steps),
                                    bdia{.gamma = gamma}.inversion());
    const fk::level &clean = plan.levels.front(), &noisy = plan.levels.back();
    const double x = 0.4 * clean.alpha;
    return std::abs(trip(plan, problem, x).x - problem.flow(x, clean, noisy)) / noisy.sigma;
  };
  CHECK(error(1, 64) / error(1, 128) == Approx(4).epsilon(0.15));
  CHECK(error(0.5, 64) > 1e3);  // the error of the first step, some 2^64 times
}

TEST_CASE("bdia with gamma 0 is ddim, and refuses a gamma that is none") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(7), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(bdia{.gamma = 0}) == end(fk::solver::ddim{}));
  });
  law::refused(
      [] { (void)fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), bdia{.gamma = -1}); },
      {"gamma is -1", "a number >= 0"});
  law::refused(
      [] {
        (void)fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(1),
                            bdia{.given_next = true});
      },
      {"the number of steps is 1", "2 or more"});
}

TEST_CASE("bdia reaches single points, is finite at both ends, and keeps x of one step more") {
  test::is_finite_from_noise_to_data(bdia{});
  test::reaches_a_single_point(bdia{});
  test::costs(bdia{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
