// SPDX-License-Identifier: MIT
#include <fokker/solver/pfdiff.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::pfdiff;

namespace {

/// x at the end of these sigma on data that are known, and what the paper's loop finds there.
template <class Solver>
double end(const std::vector<double>& sigmas, const Solver& solver, std::size_t calls) {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, sigmas)};
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, solver);
  CHECK(plan.calls.size() == calls);
  return test::run(plan, test::two_normals{}, 0.3 * sigmas.front());
}
double epsilon(double x, double sigma) {
  return (x - test::two_normals{}.data(x, {.time = sigma, .alpha = 1, .sigma = sigma})) / sigma;
}

}  // namespace

TEST_CASE("pfdiff converges at order 2 with the stage in the middle, else at order 1", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, pfdiff<>{}, 128) == Approx(pfdiff<>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, pfdiff<3, 2>{}, 128) == Approx(pfdiff<3, 2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, pfdiff<2>{}, 128) == Approx(pfdiff<2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, pfdiff<3>{}, 128) == Approx(pfdiff<3>::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("pfdiff asks once for all the steps that it skips, ahead and with what was said before") {
  // sigma 9 to 8 by DDIM; then 8 to 4 with the stage at 6, 4 to 2 with the stage at 3; then 2 to 1 alone
  double x = 2.7, past = epsilon(x, 9);
  x += (8 - 9) * past;
  past = epsilon(x + (6 - 8) * past, 6);
  x += (4 - 8) * past;
  past = epsilon(x + (3 - 4) * past, 3);
  x += (2 - 4) * past;
  x += (1 - 2) * epsilon(x, 2);
  CHECK(end({9, 8, 6, 4, 3, 2, 1}, pfdiff<>{}, 4) == Approx(x).epsilon(1e-14));
}

TEST_CASE("pfdiff looks at the next level where fewer steps are left than it skips") {
  double x = 2.7, past = epsilon(x, 9);
  x += (8 - 9) * past;
  x += (5 - 8) * epsilon(x + (7 - 8) * past, 7);
  CHECK(end({9, 8, 7, 6, 5}, pfdiff<3, 2>{}, 2) == Approx(x).epsilon(1e-14));
}

TEST_CASE("pfdiff reaches single points, is finite at both ends, and keeps one tensor more") {
  test::is_finite_from_noise_to_data(pfdiff<>{});
  test::is_finite_from_noise_to_data(pfdiff<3, 2>{});
  test::reaches_a_single_point(pfdiff<>{});
  test::costs(pfdiff<>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
