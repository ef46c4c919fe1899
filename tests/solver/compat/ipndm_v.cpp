// SPDX-License-Identifier: MIT
#include <fokker/solver/compat/ipndm_v.hpp>

#include <numeric>

#include <fokker/grid/karras.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::compat::ipndm_v;

TEST_CASE("the shipped weights of ipndm_v do not sum to 1 with four predictions") {
  const auto sum = [](const std::vector<double>& w) { return std::accumulate(w.begin(), w.end(), 0.0); };
  // Exact rational arithmetic on diff-sampler's formulas: 19/8, -65/24, 43/24, -11/24 where Adams and Bashforth have
  // 55/24, -59/24, 37/24, -9/24; and 27317/27216 on steps of 1, 2, 3, 4, this one first.
  const auto equal = ipndm_v<4>::weights({1, 1, 1, 1});
  const double shipped[] = {19 / 8., -65 / 24., 43 / 24., -11 / 24.};
  for (std::size_t j = 0; j < 4; ++j) CHECK(equal[j] == Approx(shipped[j]).epsilon(1e-14));
  CHECK(sum(ipndm_v<4>::weights({1, 2, 3, 4})) == Approx(27317.0 / 27216).epsilon(1e-14));
  CHECK(sum(ipndm_v<4>::weights({1, 2, 4, 8})) == Approx(1).epsilon(1e-14));
  CHECK(sum(ipndm_v<3>::weights({1, 2, 4})) == Approx(1).epsilon(1e-14));
}

TEST_CASE("ipndm_v with one or two predictions has the right weights") {
  const test::two_normals problem;
  const fk::schedule::edm schedule;
  const fk::grid::karras grid{.steps = 9, .sigma_min = 0.1, .sigma_max = 10};
  const auto end = [&](const auto& solver) {
    return test::run(fk::make_plan(schedule, fk::parameterization::data{}, grid, solver), problem, 12.0);
  };
  const auto exact = [&](const auto& solver) {  // onto data ipndm_v takes D, exp_adams the integral
    const fk::grid::karras to_last{.steps = 8, .sigma_min = 0.1, .sigma_max = 10, .end = fk::ending::to_last_level};
    return test::run(fk::make_plan(schedule, fk::parameterization::data{}, to_last, solver), problem, 12.0);
  };
  CHECK(exact(ipndm_v<2>{}) ==
        Approx(exact(fk::solver::exp_adams<2>{.target = fk::solver::target::epsilon})).epsilon(1e-12));
  CHECK(std::abs(exact(ipndm_v<3>{}) - exact(fk::solver::exp_adams<3>{.target = fk::solver::target::epsilon})) > 1e-6);
  CHECK(end(ipndm_v<1>{}) == Approx(problem.data(exact(ipndm_v<1>{}), fk::level_at(schedule, 0.1))).epsilon(1e-12));
}

TEST_CASE("ipndm_v with four predictions converges slower than with two, and not at all where steps jump", "[order]") {
  const test::two_normals problem;
  const fk::schedule::edm schedule;
  const auto error = [&](const auto& grid, const auto& solver) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, solver);
    return std::abs(test::run(plan, problem, 7.0) - problem.flow(7.0, plan.levels.front(), plan.levels.back()));
  };
  const auto karras = [&](const auto& solver) {
    std::vector<double> errors;
    for (int steps = 32; steps <= 512; steps *= 2)
      errors.push_back(
          error(fk::grid::karras{.steps = steps, .sigma_min = 0.1, .sigma_max = 10, .end = fk::ending::to_last_level},
                solver));
    return test::slope(errors);
  };
  CHECK(karras(ipndm_v<2>{}) == Approx(ipndm_v<2>::order).epsilon(0).margin(0.15));
  CHECK(karras(ipndm_v<4>{}) < 1.8);
  const auto jumping = [&](int pairs) {  // steps in the proportion of 1 to 2, in turn
    std::vector<double> times;
    for (int i = 0; i <= pairs; ++i) {
      times.push_back(10 - 9.5 * i / pairs);
      if (i < pairs) times.push_back(10 - 9.5 * (i + 1.0 / 3) / pairs);
    }
    return fk::grid::explicit_levels{fk::levels_at(schedule, times)};
  };
  const fk::solver::exp_adams<4> right{.target = fk::solver::target::epsilon};
  CHECK(error(jumping(512), right) < 1e-6);
  CHECK(error(jumping(512), ipndm_v<4>{}) > 0.5 * error(jumping(128), ipndm_v<4>{}));
}

TEST_CASE("ipndm_v reaches single points, is finite at both ends, and keeps as many predictions as it must") {
  test::is_finite_from_noise_to_data(ipndm_v<4>{});
  test::reaches_a_single_point(ipndm_v<4>{});
  test::costs(ipndm_v<2>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(ipndm_v<4>{}, {.inputs = 5, .rows = 2, .normals = 0, .buffers = 4});
}
