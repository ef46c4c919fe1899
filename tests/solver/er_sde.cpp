// SPDX-License-Identifier: MIT
#include <fokker/solver/er_sde.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::er_sde;

namespace {

double ode(double r) { return r; }
double square(double r) { return r * r; }
double power(double r) { return r * std::sqrt(r); }

}  // namespace

TEST_CASE("er_sde converges at its order as an ODE, first steps included, up to order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, er_sde<1>{ode}, 64) == Approx(er_sde<1>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, er_sde<2>{ode}, 64) == Approx(er_sde<2>::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("er_sde converges weakly at order 1 and 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, er_sde<1>{}, 64) == Approx(1).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, er_sde<2>{}, 64) == Approx(2).epsilon(0).margin(0.15));
  });
}

TEST_CASE("er_sde with a power of sigma/alpha is exp_adams for data in that variable") {
  // The slope of every step is that of the polynomial through three values, which makes the third order one.
  test::on_every_path([](const auto& schedule) {
    const auto check = [&](const auto& mine, const auto& theirs) {
      const auto a = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), mine);
      const auto b = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), theirs);
      const auto x = test::respond(a).end, y = test::respond(b).end;
      REQUIRE(x.size() == y.size());
      for (const auto& [key, value] : y) CHECK(x.at(key) == Approx(value).epsilon(0).margin(1e-12));
    };
    using fk::solver::exp_adams;
    const auto in_ratio = [](double eta) { return exp_adams<3>{.variable = fk::solver::variable::ratio, .eta = eta}; };
    check(er_sde<3>{square}, in_ratio(1));
    check(er_sde<3>{power}, in_ratio(0.5));
    check(er_sde<2>{square}, exp_adams<2>{.variable = fk::solver::variable::ratio, .eta = 1});
    check(er_sde<1>{square}, fk::solver::ddim{.eta = 1});
    check(er_sde<1>{ode}, fk::solver::ddim{});
  });
}

TEST_CASE("er_sde has the weights of the paper to second order") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3, 1})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, er_sde<2>{square});
  const auto r = test::respond(plan);
  // Cui et al. 2023, algorithm 2, with phi(r) = r^2: R = 1/9, the integral of 1/phi from 1 to 3 is 2/3, the slope is
  // that of two values 2 apart; r_t^2 - r_s^2 R^2 = 1 - 9/81.
  const double of_slope = (1 - 3) + 1 * (2.0 / 3);
  CHECK(r.end.at({-3, 1}) == Approx(1 - 1.0 / 9 + of_slope / (3 - 5)).epsilon(1e-13));
  CHECK(r.end.at({-3, 0}) == Approx(1.0 / 9 * (1 - 9.0 / 25) - of_slope / (3 - 5)).epsilon(1e-13));
  CHECK(plan.calls[1].then.rows[0].normals[0] == Approx(std::sqrt(8.0 / 9)).epsilon(1e-13));
}

TEST_CASE("er_sde reaches single points, is finite at both ends, and keeps as many predictions as it must") {
  test::is_finite_from_noise_to_data(er_sde<1>{});
  test::is_finite_from_noise_to_data(er_sde<3>{});
  test::reaches_a_single_point(er_sde<3>{});
  test::costs(er_sde<1>{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
  test::costs(er_sde<2>{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
  test::costs(er_sde<2>{ode}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(er_sde<3>{}, {.inputs = 4, .rows = 2, .normals = 1, .buffers = 3});
}

TEST_CASE("er_sde refuses a scaler that grows slower than sigma/alpha") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3),
                                  er_sde<1>{[](double r) { return std::sqrt(r); }}),
                    Catch::Contains("scaler is") && Catch::Contains("at least as fast as sigma/alpha"));
}
