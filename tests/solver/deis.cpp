// SPDX-License-Identifier: MIT
#include <fokker/solver/deis.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpm_solver_2m.hpp>
#include <fokker/solver/dpm_solver_3m.hpp>
#include <fokker/solver/lms.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::solver::deis;
using fk::solver::variable;

TEST_CASE("deis converges at its order on every path, first steps included, up to order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const variable v : {variable::time, variable::ratio, variable::log_snr}) {
      CHECK(test::measured_order(schedule, deis<1>{.variable = v}, 64) ==
            Approx(deis<1>::order).epsilon(0).margin(0.15));
      CHECK(test::measured_order(schedule, deis<2>{.variable = v}, 64) ==
            Approx(deis<2>::order).epsilon(0).margin(0.15));
    }
  });
}

TEST_CASE("deis of order 3 has the integrals of Lagrange's polynomials in each variable", "[order]") {
  // Zhang & Chen 2023: y_t - y_s is the integral of the polynomial over sigma/alpha.
  const fk::schedule::vp_linear schedule;
  const std::vector<double> ratios{7, 4, 3, 2.2};
  const auto check = [&](variable v, auto in_variable) {
    const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, ratios)};
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, deis<3>{.variable = v});
    const test::last_step step(plan);
    const double alpha = plan.levels[3].alpha;
    const std::vector<double> nodes{in_variable(7), in_variable(4), in_variable(3)};
    CHECK(step.of_x == Approx(alpha / plan.levels[2].alpha).epsilon(1e-14));
    for (std::size_t j = 0; j < 3; ++j) {
      const double exact =
          test::simpson([&](double ratio) { return test::lagrange(nodes, j, in_variable(ratio)); }, 3.0, 2.2);
      CHECK(step.of_call[j] == Approx(alpha * exact).epsilon(1e-12));  // the smallest is a 30th of what cancels in it
    }
  };
  check(variable::time, [&](double ratio) { return schedule.time_of(ratio); });
  check(variable::ratio, [](double ratio) { return ratio; });
  check(variable::log_snr, [](double ratio) { return -std::log(ratio); });
}

TEST_CASE("deis is ddim of order 1, lms in sigma/alpha, and DPM-Solver with exact weights in log-SNR") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto same = [&](const auto& a, const auto& b) {
      const auto end = [&](const auto& solver) {
        const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
        return test::run(plan, problem, 3 * plan.levels.front().alpha);
      };
      CHECK(end(a) == Approx(end(b)).epsilon(1e-12));
    };
    same(deis<1>{}, fk::solver::ddim{});
    same(deis<3>{.variable = variable::ratio}, fk::solver::lms<3>{});
    same(deis<2>{.variable = variable::log_snr}, fk::solver::dpm_solver_2m{.form = fk::solver::form::heun});
    same(deis<3>{.variable = variable::log_snr}, fk::solver::dpm_solver_3m{});
  });
}

TEST_CASE("deis reaches single points, is finite at both ends, and keeps as many predictions as it must") {
  for (const variable v : {variable::time, variable::ratio, variable::log_snr}) {
    test::is_finite_from_noise_to_data(deis<>{.variable = v});
    test::reaches_a_single_point(deis<>{.variable = v});
  }
  test::costs(deis<2>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(deis<3>{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}
