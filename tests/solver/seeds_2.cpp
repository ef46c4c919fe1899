// SPDX-License-Identifier: MIT
#include <fokker/solver/seeds_2.hpp>

#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/res_2s.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::seeds_2;
using fk::solver::seeds_weights;

TEST_CASE("seeds_2 converges at order 2 without noise, and weakly at order 2 with it", "[order]") {
  test::on_every_path([](const auto& schedule) {
    for (const auto form : {seeds_weights::phi_1, seeds_weights::phi_2}) {
      CHECK(test::measured_order(schedule, seeds_2{.eta = 0, .weights = form}, 16) ==
            Approx(seeds_2::order).epsilon(0).margin(0.15));
      CHECK(test::measured_weak_order(schedule, seeds_2{.weights = form}, 32) == Approx(2).epsilon(0).margin(0.15));
      CHECK(test::measured_weak_order(schedule, seeds_2{.eta = 0.5, .weights = form}, 32) ==
            Approx(2).epsilon(0).margin(0.15));
    }
    CHECK(test::measured_weak_order(schedule, seeds_2{.r = 1, .weights = seeds_weights::phi_2}, 32) ==
          Approx(2).epsilon(0).margin(0.15));
  });
}

TEST_CASE("seeds_2 without noise is dpmpp_2s and res_2s, and exponential Heun at r = 1") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(seeds_2{.eta = 0}) == Approx(end(fk::solver::dpmpp_2s{})).epsilon(1e-12));
    CHECK(end(seeds_2{.eta = 0, .weights = seeds_weights::phi_2}) == Approx(end(fk::solver::res_2s{})).epsilon(1e-12));
  });
}

TEST_CASE("seeds_2 at r = 1 with exact weights is the exponential Heun method") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid,
                                  seeds_2{.eta = 0, .r = 1, .weights = seeds_weights::phi_2});
  const auto r = test::respond(plan);
  // y' = e^{-h} y + h (phi_1 - phi_2) D + h phi_2 D', both ends of the step called.
  const double h = std::log(2.5), second = (h - 0.6) / h;
  CHECK(plan.calls[1].at.time == 2);
  CHECK(r.inputs[1].at({-3, 0}) == Approx(0.6).epsilon(1e-14));
  CHECK(r.end.at({-3, 0}) == Approx(0.6 - second).epsilon(1e-13));
  CHECK(r.end.at({-3, 1}) == Approx(second).epsilon(1e-14));
}

TEST_CASE("the noise of both stages of seeds_2 is that of one path") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 2})};
  for (const double eta : {0.5, 1.0})
    for (const double r : {0.3, 0.5}) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, seeds_2{.eta = eta, .r = r});
      const auto seen = test::respond(plan);
      double middle = 0, end = 0, both = 0;
      const double h = std::log(2.5), sigma = 5 * std::exp(-r * h);
      for (const auto& [key, value] : seen.end)
        if (key.first >= 0) {
          end += value * value;
          if (seen.inputs[1].count(key)) both += value * seen.inputs[1].at(key);
        }
      for (const auto& [key, value] : seen.inputs[1])
        if (key.first >= 0) middle += value * value;
      // sigma^2 (1 - e^{-2 eta l}) after a length l, and what is left of the first at the end.
      CHECK(middle == Approx(sigma * sigma * -std::expm1(-2 * eta * r * h)).epsilon(1e-13));
      CHECK(end == Approx(4 * -std::expm1(-2 * eta * h)).epsilon(1e-13));
      CHECK(both == Approx(middle * 2 / sigma * std::exp(-eta * (1 - r) * h)).epsilon(1e-13));
    }
}

TEST_CASE("seeds_2 joins the noises of its stages as their path does") {
  for (const double eta : {0.4, 1.0}) test::joins_its_pieces(seeds_2{.eta = eta, .r = 0.3}, {2 * eta});
}

TEST_CASE("seeds_2 reaches single points, is finite at both ends, and carries one tensor beside x") {
  test::is_finite_from_noise_to_data(seeds_2{});
  test::reaches_a_single_point(seeds_2{});
  test::is_finite_from_noise_to_data(seeds_2{.eta = 0, .r = 1});
  test::reaches_a_single_point(seeds_2{.eta = 0, .r = 1});
  test::costs(seeds_2{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(seeds_2{.eta = 0}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(seeds_2{.r = 1}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}

TEST_CASE("seeds_2 refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(seeds_2{.eta = -1}), Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
  CHECK_THROWS_WITH(plan(seeds_2{.r = 0}), Catch::Contains("r is") && Catch::Contains("above 0 and up to 1"));
  CHECK_THROWS_WITH(plan(seeds_2{.r = 1.5}), Catch::Contains("r is") && Catch::Contains("above 0 and up to 1"));
}
