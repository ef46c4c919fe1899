// SPDX-License-Identifier: MIT
#include <fokker/solver/tcd.hpp>

#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/lcm.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::tcd;

TEST_CASE("tcd goes below the next level in time and draws noise up to it") {
  // Zheng et al. 2024 in the variables of the table: x_below = sqrt(a_s') D + sqrt(1 - a_s') eps, then sqrt(a_t / a_s')
  // x_below + sqrt(1 - a_t / a_s') z, with s' = 0.7 * 750 = 525.
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {990, 750, -1})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, tcd{.gamma = 0.3});
  const fk::level s = fk::level_at(schedule, 990), t = fk::level_at(schedule, 750), below = fk::level_at(schedule, 525);
  const auto& row = plan.calls[0].then.rows[0];
  const double back = t.alpha / below.alpha;
  CHECK(row.inputs[0] == Approx(back * below.sigma / s.sigma).epsilon(1e-13));
  CHECK(row.inputs[1] == Approx(back * (below.alpha - below.sigma * s.alpha / s.sigma)).epsilon(1e-13));
  CHECK(row.normals[0] == Approx(std::sqrt(1 - back * back)).epsilon(1e-13));
  CHECK(plan.calls[1].then.normal_count == 0);
}

TEST_CASE("tcd without noise has diffusers' numbers") {
  // The network says x t / (t + 1) for epsilon, x is the ramp 0/768 ... 767/768, whose sum is 383.5; all is linear. The
  // last step goes to timestep 0.
  const auto schedule = fk::schedule::scaled_linear();
  const auto sum = [&](const std::vector<double>& times) {
    const fk::grid::explicit_levels grid{fk::levels_at(schedule, times)};
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, tcd{.gamma = 0});
    const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [&](int i, int, const test::linear& x) {
      test::linear said;
      const double t = times[static_cast<std::size_t>(i)];
      test::add(said, x, t / (t + 1));
      return said;
    });
    return end.at({-2, 0}) * 383.5;
  };
  CHECK(sum({999, 0}) == Approx(29.8715).epsilon(0).margin(1e-3));  // diffusers' own tolerance
  CHECK(sum({999, 899, 799, 699, 599, 499, 399, 299, 199, 99, 0}) == Approx(181.204).epsilon(0).margin(1e-3));
}

TEST_CASE("tcd lies between ddim and lcm") {
  test::on_every_path([](const auto& schedule) {
    const auto law = [&](const auto& solver) {
      return test::law(fk::make_plan(schedule, fk::parameterization::data{},
                                     fk::grid::log_snr{.steps = 6, .sigma_min = 0.1, .sigma_max = 10}, solver),
                       test::normal_data{});
    };
    CHECK(law(tcd{.gamma = 0}).variance == Approx(law(fk::solver::ddim{}).variance).epsilon(1e-13));
    CHECK(law(tcd{.gamma = 1}).variance == Approx(law(fk::solver::lcm{}).variance).epsilon(1e-13));
    CHECK(test::measured_order(schedule, tcd{.gamma = 0}, 64) == Approx(tcd::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("tcd reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double gamma : {0.0, 0.3, 1.0}) test::is_finite_from_noise_to_data(tcd{.gamma = gamma});
  test::reaches_a_single_point(tcd{});
  test::costs(tcd{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("tcd refuses a gamma outside of 0 to 1") {
  for (const double gamma : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), tcd{.gamma = gamma}),
        Catch::Contains("gamma is") && Catch::Contains("0 to 1"));
}
