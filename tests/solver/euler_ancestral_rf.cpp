// SPDX-License-Identifier: MIT
#include <fokker/solver/euler_ancestral_rf.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler_ancestral_rf;

TEST_CASE("euler_ancestral_rf has the published weights on a straight path") {
  // ComfyUI and LTX-Video: down = t (1 + (t/s - 1) eta), x_down = (down/s) x + (1 - down/s) D, then
  // (1 - t)/(1 - down) x_down + sqrt(t^2 - down^2 (1 - t)^2 / (1 - down)^2) z.
  for (const double eta : {0.3, 1.0}) {
    const double s = 0.75, t = 0.5;
    const fk::schedule::flow_linear schedule;
    const fk::grid::explicit_levels grid{fk::levels_at(schedule, {s, t, 0})};
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, euler_ancestral_rf{.eta = eta});
    const double down = t * (1 + (t / s - 1) * eta), back = (1 - t) / (1 - down);
    const auto& row = plan.calls[0].then.rows[0];
    CHECK(row.inputs[0] == Approx(back * down / s).epsilon(1e-14));
    CHECK(row.inputs[1] == Approx(back * (1 - down / s)).epsilon(1e-14));
    CHECK(row.normals[0] == Approx(std::sqrt(t * t - back * back * down * down)).epsilon(1e-14));
  }
}

TEST_CASE("euler_ancestral_rf converges weakly at order 1, and without noise is ddim", "[order]") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, euler_ancestral_rf{}, 64) == Approx(1).epsilon(0).margin(0.15));
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(euler_ancestral_rf{.eta = 0}) == Approx(end(fk::solver::ddim{})).epsilon(1e-13));
    CHECK(test::measured_order(schedule, euler_ancestral_rf{.eta = 0}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("euler_ancestral_rf reaches single points, is finite at both ends, and costs one update of two operands") {
  test::is_finite_from_noise_to_data(euler_ancestral_rf{});
  test::reaches_a_single_point(euler_ancestral_rf{});
  test::costs(euler_ancestral_rf{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("euler_ancestral_rf refuses an eta outside of 0 to 1") {
  for (const double eta : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3),
                                    euler_ancestral_rf{.eta = eta}),
                      Catch::Contains("eta is") && Catch::Contains("0 to 1"));
}

TEST_CASE("euler_ancestral_rf multiplies its normals by s_noise") {
  const fk::grid::uniform grid{.steps = 3};
  const auto deviation = [&](double s_noise) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, grid,
                                    euler_ancestral_rf{.s_noise = s_noise});
    return plan.calls[1].then.rows[0].normals[0];
  };
  CHECK(deviation(0.5) == 0.5 * deviation(1));
  CHECK_THROWS_WITH(deviation(-1), Catch::Contains("s_noise is -1; allowed: a number >= 0"));
}
