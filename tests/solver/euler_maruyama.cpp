// SPDX-License-Identifier: MIT
#include <fokker/solver/euler_maruyama.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler_maruyama;
using fk::solver::variable;

TEST_CASE("euler_maruyama converges weakly at order 1 in any variable, on every path", "[order]") {
  const auto check = [](const auto& schedule, const euler_maruyama& solver, int coarsest) {
    CHECK(test::measured_weak_order(schedule, solver, coarsest) == Approx(1).epsilon(0).margin(0.15));
  };
  test::on_every_path([&](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio}) check(schedule, {.variable = v}, 64);
    check(schedule, {.eta = 0.5, .variable = variable::ratio}, 64);
    check(schedule, {.eta = 0.5, .variable = variable::log_snr}, 64);
    for (const auto v : {variable::time, variable::ratio, variable::log_snr})
      CHECK(test::measured_order(schedule, euler_maruyama{.eta = 0, .variable = v}, 128) ==
            Approx(euler_maruyama::order).epsilon(0).margin(0.15));
  });
  // Steps of 2 h < 2 are where this begins; what they are in log-SNR does not depend on the path.
  check(fk::schedule::edm{}, {.variable = variable::log_snr}, 192);
}

TEST_CASE("euler_maruyama without noise is Euler's method") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
      return test::run(plan, problem, 3 * plan.levels.front().alpha);
    };
    CHECK(end(euler_maruyama{.eta = 0, .variable = variable::ratio}) == Approx(end(fk::solver::ddim{})).epsilon(1e-12));
    CHECK(end(euler_maruyama{.eta = 0, .variable = variable::time}) ==
          Approx(end(fk::solver::euler{.variable = variable::time})).epsilon(1e-12));
  });
}

TEST_CASE("euler_maruyama has the drift and the noise of the reverse SDE at s") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3})};
  const auto step = [&](euler_maruyama solver) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, solver);
    return std::pair{test::respond(plan).end.at({-3, 0}), plan.calls[0].then.rows[0].normals[0]};
  };
  const double h = std::log(5.0 / 3);
  for (const double eta : {0.5, 1.0}) {
    // Song et al. 2021, eq. 6: in sigma, dx = (1 + eta) eps dsigma + sqrt(2 eta sigma dsigma) z; in log-SNR by sigma h.
    for (const auto v : {variable::time, variable::ratio}) {
      CHECK(step({eta, v}).first == Approx(-(1 + eta) * 2).epsilon(1e-14));
      CHECK(step({eta, v}).second == Approx(std::sqrt(2 * eta * 5 * 2)).epsilon(1e-14));
    }
    CHECK(step({eta, variable::log_snr}).first == Approx(-(1 + eta) * 5 * h).epsilon(1e-14));
    CHECK(step({eta, variable::log_snr}).second == Approx(5 * std::sqrt(2 * eta * h)).epsilon(1e-14));
  }
}

TEST_CASE("euler_maruyama reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 1.0}) {
    test::is_finite_from_noise_to_data(euler_maruyama{.eta = eta});
    test::is_finite_from_noise_to_data(euler_maruyama{.eta = eta, .variable = variable::log_snr});
  }
  test::reaches_a_single_point(euler_maruyama{});
  test::costs(euler_maruyama{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
  test::costs(euler_maruyama{.eta = 0}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
}

TEST_CASE("euler_maruyama refuses what is not allowed, by name") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver);
  };
  CHECK_THROWS_WITH(plan(euler_maruyama{.eta = -1}), Catch::Contains("eta is") && Catch::Contains("a number >= 0"));
}
