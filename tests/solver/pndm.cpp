// SPDX-License-Identifier: MIT
#include <fokker/solver/pndm.hpp>

#include <fokker/schedule/tabulated.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::pndm;

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

TEST_CASE("pndm converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, pndm{}, 64) == Approx(pndm::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("pndm has order 4 on equal steps") {
  CHECK(order_on_equal_steps(pndm{}, 32) == Approx(4).epsilon(0).margin(0.15));
}

TEST_CASE("pndm reaches the sums of diffusers' full-loop tests") {
  // diffusers, tests/schedulers/test_scheduler_pndm.py, PNDMScheduler: 10 of 1000 timesteps from 900 on, three steps of
  // Runge and Kutta; the model x t / (t + 1), the start 0 ... 767 over 768, the sum of magnitudes and its tolerance.
  // Its last step, from timestep 0, leads to the level of timestep 0 again, or onto data with set_alpha_to_one.
  const auto sum = [](double first_beta, bool onto_data) {
    std::vector<double> betas;
    for (int i = 0; i < 1000; ++i) betas.push_back(first_beta + (0.02 - first_beta) * i / 999);
    const auto schedule = fk::schedule::tabulated::from_betas(betas);
    std::vector<double> times;
    for (int t = 900; t >= 0; t -= 100) times.push_back(t);
    if (onto_data) times.push_back(schedule.data_time());
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{},
                                    fk::grid::explicit_levels{fk::levels_at(schedule, times)}, pndm{});
    const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [&](int i, int, const test::linear& input) {
      const double t = plan.calls[static_cast<std::size_t>(i)].at.label;
      test::linear said;
      test::add(said, input, t / (t + 1));
      return said;
    });
    return std::abs(end.at({-2, 0})) * 383.5;
  };
  CHECK(sum(0.0001, false) == Approx(198.1318).epsilon(0).margin(1e-2));
  CHECK(sum(0.01, false) == Approx(186.9482).epsilon(0).margin(1e-2));
  CHECK(sum(0.01, true) == Approx(230.0399).epsilon(0).margin(1e-2));
}

TEST_CASE("pndm makes nine calls more than steps") {
  CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(12), pndm{}).calls.size() == 21);
  // Onto data no step has four calls.
  CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 3}, pndm{})
            .calls.size() == 9);
}

TEST_CASE("pndm reaches single points, is finite at both ends, and keeps three predictions and a partial sum") {
  test::is_finite_from_noise_to_data(pndm{});
  test::reaches_a_single_point(pndm{});
  test::costs(pndm{}, {.inputs = 5, .rows = 2, .normals = 0, .buffers = 5});
}
