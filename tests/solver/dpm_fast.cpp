// SPDX-License-Identifier: MIT
#include <fokker/solver/dpm_fast.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpm_fast;

TEST_CASE("dpm_fast converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dpm_fast{}, 48) == Approx(dpm_fast::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpm_fast takes three levels at a time, and the rest as the paper does") {
  // On levels equally spaced in log-SNR its groups are whole steps of the single-step methods: 8 = 3 + 3 + 2, 7 = 3 + 3
  // + 1, 9 = 3 + 3 + 2 + 1 and 3 = 2 + 1.
  const test::two_normals problem;
  const fk::schedule::flow_linear schedule;
  const fk::parameterization::data network;
  for (const auto& [steps, groups] : {std::pair<int, std::vector<std::size_t>>{8, {3, 3, 2}},
                                      {7, {3, 3, 1}},
                                      {9, {3, 3, 2, 1}},
                                      {3, {2, 1}},
                                      {2, {2}},
                                      {1, {1}}}) {
    const auto plan = fk::make_plan(schedule, network, test::inner(steps), dpm_fast{});
    CHECK(plan.calls.size() == static_cast<std::size_t>(steps));
    double x = 2 * plan.levels.front().alpha;
    const double fast = test::run(plan, problem, x);
    std::size_t at = 0;
    for (const std::size_t n : groups) {
      const fk::grid::explicit_levels two{{plan.levels[at], plan.levels[at + n]}};
      x = test::run(n == 3   ? fk::make_plan(schedule, network, two, fk::solver::dpm_solver_3s{})
                    : n == 2 ? fk::make_plan(schedule, network, two, fk::solver::dpm_solver_2s{})
                             : fk::make_plan(schedule, network, two, fk::solver::ddim{}),
                    problem, x);
      at += n;
    }
    CHECK(fast == Approx(x).epsilon(1e-12));
  }
}

TEST_CASE("dpm_fast reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(dpm_fast{});
  test::reaches_a_single_point(dpm_fast{});
  test::costs(dpm_fast{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
