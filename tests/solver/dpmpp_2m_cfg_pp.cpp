// SPDX-License-Identifier: MIT
#include <fokker/solver/dpmpp_2m_cfg_pp.hpp>

#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::dpmpp_2m_cfg_pp;

namespace {
struct three {
  static constexpr int branches = 3;
  std::array<double, 3> weights(const fk::level&) const { return {1, 1, -1}; }
};
}  // namespace

TEST_CASE("dpmpp_2m_cfg_pp has ComfyUI's weights in variance-exploding scale") {
  // x_t = D + e^{-h} (x - D_u) + (1 - e^{-h}) / (2 r) (D - D_u before), D = 0.6 D_c + 0.4 D_u, r = h' / h.
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3, 1})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, dpmpp_2m_cfg_pp{},
                                  fk::guidance::classifier_free{.scale = 0.6});
  const double h = std::log(3.0), r = std::log(5.0 / 3.0) / h, of_difference = (1 - std::exp(-h)) / (2 * r);
  const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [](int i, int b, const test::linear&) {
    return test::linear{{{-3 - i, b}, 1.0}};
  });
  CHECK(end.at({-2, 0}) == Approx(1.0 / 5).epsilon(1e-14));
  CHECK(end.at({-4, 0}) == Approx(0.6 * (1 + of_difference)).epsilon(1e-14));
  CHECK(end.at({-4, 1}) == Approx(0.4 * (1 + of_difference) - 1.0 / 3).epsilon(1e-14));
  CHECK(end.at({-3, 0}) == Approx(0.6 / 3).epsilon(1e-14));
  CHECK(end.at({-3, 1}) == Approx((0.4 - 3.0 / 5) / 3 - of_difference).epsilon(1e-14));
}

TEST_CASE("dpmpp_2m_cfg_pp with one denoiser is dpmpp_2m, and so is its order") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(dpmpp_2m_cfg_pp{}) == Approx(end(fk::solver::dpmpp_2m{})).epsilon(1e-13));
    CHECK(test::measured_order(schedule, dpmpp_2m_cfg_pp{}, 64) ==
          Approx(dpmpp_2m_cfg_pp::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dpmpp_2m_cfg_pp reaches single points, is finite at both ends, and keeps one prediction") {
  test::is_finite_from_noise_to_data(dpmpp_2m_cfg_pp{});
  test::reaches_a_single_point(dpmpp_2m_cfg_pp{});
  test::costs(dpmpp_2m_cfg_pp{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}

TEST_CASE("dpmpp_2m_cfg_pp refuses three denoisers") {
  CHECK_THROWS_WITH(
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), dpmpp_2m_cfg_pp{}, three{}),
      Catch::Contains("guidance.branches is 3") && Catch::Contains("1 or 2"));
}
