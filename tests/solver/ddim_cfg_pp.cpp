// SPDX-License-Identifier: MIT
#include <fokker/solver/ddim_cfg_pp.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddim_cfg_pp;

namespace {
struct three {
  static constexpr int branches = 3;
  std::array<double, 3> weights(const fk::level&) const { return {1, 1, -1}; }
};
}  // namespace

TEST_CASE("ddim_cfg_pp takes the guided data and the unguided noise") {
  const fk::schedule::flow_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {0.8, 0.5, 0})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, ddim_cfg_pp{},
                                  fk::guidance::classifier_free{.scale = 0.6});
  // x_t = 0.5 (0.6 D_c + 0.4 D_u) + 0.5 (x - 0.2 D_u) / 0.8
  const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [](int i, int b, const test::linear& x) {
    return i == 0 ? test::linear{{{-3, b}, 1.0}} : x;
  });
  CHECK(end.at({-2, 0}) == Approx(0.5 / 0.8).epsilon(1e-14));
  CHECK(end.at({-3, 0}) == Approx(0.3).epsilon(1e-14));
  CHECK(end.at({-3, 1}) == Approx(0.2 - 0.5 * 0.2 / 0.8).epsilon(1e-14));
}

TEST_CASE("ddim_cfg_pp with one denoiser is ddim, and so are its orders", "[order]") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(ddim_cfg_pp{}) == Approx(end(fk::solver::ddim{})).epsilon(1e-13));
    CHECK(test::measured_order(schedule, ddim_cfg_pp{}, 64) == Approx(ddim_cfg_pp::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, ddim_cfg_pp{.eta = 1}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("ddim_cfg_pp reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 1.0}) test::is_finite_from_noise_to_data(ddim_cfg_pp{.eta = eta});
  test::reaches_a_single_point(ddim_cfg_pp{});
  test::costs(ddim_cfg_pp{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(ddim_cfg_pp{.eta = 1}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("ddim_cfg_pp refuses what it has no meaning for") {
  for (const double eta : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), ddim_cfg_pp{.eta = eta}),
        Catch::Contains("eta is") && Catch::Contains("0 to 1"));
  CHECK_THROWS_WITH(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), ddim_cfg_pp{}, three{}),
      Catch::Contains("guidance.branches is 3") && Catch::Contains("1 or 2"));
}
