// SPDX-License-Identifier: MIT
#include <fokker/solver/churn.hpp>

#include <fokker/solver/euler.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::euler;

TEST_CASE("churn adds noise before a step, and the network is called there") {
  // Karras et al. 2022, algorithm 2: gamma = 12/40 of 40 steps, or at most sqrt(2) - 1, of sigma in [0.5, 8].
  const fk::schedule::edm schedule;
  for (const auto& [amount, gamma] : {std::pair{12.0, 0.3}, {100.0, std::sqrt(2.0) - 1}}) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(40),
                                    euler{.churn = {.s_churn = amount, .s_tmin = 0.5, .s_tmax = 8, .s_noise = 1.003}});
    REQUIRE(plan.calls.size() == 40);
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      const double s = plan.levels[i].sigma, hat = plan.calls[i].at.sigma;
      const bool raised = s >= 0.5 && s <= 8;
      CHECK(hat == Approx(raised ? (1 + gamma) * s : s).epsilon(1e-15));
      if (i == 0) continue;
      const auto& u = plan.calls[i - 1].then;
      CHECK(u.normal_count == (raised ? 1 : 0));
      if (raised) CHECK(u.rows[0].normals[0] == Approx(1.003 * std::sqrt(hat * hat - s * s)).epsilon(1e-13));
    }
  }
}

TEST_CASE("churn is exact on any path, and with it euler converges weakly at order 1", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, euler{.churn = {.s_churn = 5}}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
  // From the exact law of s to that of the level above it: the law of what the network reads, known there.
  const test::normal_data problem;
  const fk::schedule::vp_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {0.7, 0.2})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, euler{.churn = {.s_churn = 0.3}});
  const fk::level& s = plan.levels[0];
  const test::linear start{{{0, 0}, std::sqrt(problem.variance(s))}};
  double variance = 0;
  (void)test::propagate(plan, start, [&](int, int, const test::linear& x) {
    for (const auto& [key, value] : x) variance += value * value;
    return x;
  });
  CHECK(plan.calls[0].at.ratio() == Approx(1.3 * s.ratio()).epsilon(1e-13));
  CHECK(variance == Approx(problem.variance(plan.calls[0].at)).epsilon(1e-13));
}

TEST_CASE("churn raises levels at both its bounds, and by no less than rounding") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {8, 4, 2, 1})};
  const auto normals = [&](const fk::solver::churn& churn) {
    return fk::plan::normals(fk::make_plan(schedule, fk::parameterization::data{}, grid, euler{.churn = churn}));
  };
  CHECK(normals({.s_churn = 1, .s_tmin = 2, .s_tmax = 4}) == 2);
  CHECK(normals({.s_churn = 1e-20}) == 0);
}

TEST_CASE("churn refuses what is no amount of noise") {
  const auto refused = [](const fk::solver::churn& churn, const char* name) {
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), euler{.churn = churn}),
        Catch::Contains(name));
  };
  refused({.s_churn = -1}, "s_churn is -1");
  refused({.s_tmin = -1}, "s_tmin is -1");
  refused({.s_tmin = 2, .s_tmax = 1}, "s_tmax is 1");
  refused({.s_noise = std::nan("")}, "s_noise is nan");
}
