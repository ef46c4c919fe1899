// SPDX-License-Identifier: MIT
#include <fokker/solver/ddpm.hpp>

#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler_ancestral.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddpm;
using fk::solver::ddpm_variance;

TEST_CASE("a ddpm step has the posterior's coefficients") {
  // betas (0.1, 0.2), from t = 1: Ho et al. 2020, eq. 7, evaluated independently.
  const auto table = fk::schedule::tabulated::from_betas(std::vector{0.1, 0.2});
  const fk::grid::explicit_levels grid{fk::levels_at(table, {1, 0})};
  const auto row = [&](ddpm_variance variance) {
    return fk::make_plan(table, fk::parameterization::data{}, grid, ddpm{variance}).calls[0].then.rows[0];
  };
  const auto small = row(ddpm_variance::fixed_small);
  CHECK(small.inputs[0] == Approx(0.319438282499970).epsilon(1e-14));
  CHECK(small.inputs[1] == Approx(0.677630927178939).epsilon(1e-14));
  CHECK(small.normals[0] * small.normals[0] == Approx(0.0714285714285714).epsilon(1e-14));
  CHECK(row(ddpm_variance::fixed_large).normals[0] == Approx(std::sqrt(0.2)).epsilon(1e-14));
  CHECK(row(ddpm_variance::noiseless).normals[0] == 0);
}

TEST_CASE("ddpm is ddim with eta = 1 and ancestral Euler, row by row") {
  test::on_every_path([](const auto& schedule) {
    const auto plan = [&](const auto& solver) {
      return fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(20), solver);
    };
    const auto a = plan(ddpm{}), b = plan(fk::solver::ddim{.eta = 1}), c = plan(fk::solver::euler_ancestral{});
    for (std::size_t i = 0; i < a.calls.size(); ++i)
      for (const auto* other : {&b, &c}) {
        const auto &mine = a.calls[i].then.rows[0], &theirs = other->calls[i].then.rows[0];
        // eps is taken apart into x and data in one, and into their difference in the other: a few roundings of the
        // largest term, alpha_t/alpha_s.
        const double margin = 0x1p-53 * 32 * (a.calls[i].at.ratio() + 1);
        for (std::size_t k = 0; k < 2; ++k)
          CHECK(mine.inputs[k] == Approx(theirs.inputs[k]).epsilon(1e-13).margin(margin));
        CHECK(mine.normals[0] == Approx(theirs.normals[0]).epsilon(1e-13));
      }
  });
}

TEST_CASE("ddpm converges weakly at order 1, except for the variances that change the law by design", "[order]") {
  const test::normal_data problem;
  test::on_every_path([&](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, ddpm{}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
  // No noise: samples collapse towards the mean. With sigma_s instead of sigma_t: too wide, less and less so.
  const auto variance = [&](ddpm_variance v, int steps) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                    fk::grid::uniform{.steps = steps}, ddpm{v});
    return test::law(plan, problem).variance / (problem.deviation * problem.deviation);
  };
  CHECK(variance(ddpm_variance::noiseless, 64) < 1e-4);
  CHECK(variance(ddpm_variance::fixed_large, 64) > variance(ddpm_variance::fixed_small, 64));
}

TEST_CASE("ddpm reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const auto v : {ddpm_variance::fixed_small, ddpm_variance::fixed_large, ddpm_variance::noiseless})
    test::is_finite_from_noise_to_data(ddpm{v});
  test::reaches_a_single_point(ddpm{ddpm_variance::noiseless});
  test::costs(ddpm{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}
