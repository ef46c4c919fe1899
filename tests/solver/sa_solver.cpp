// SPDX-License-Identifier: MIT
#include <fokker/solver/sa_solver.hpp>

#include <fokker/solver/exp_adams.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>

#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::level;
using fk::solver::correction;
using fk::solver::form;
using fk::solver::sa_solver;

namespace {

double none(const level&) { return 0; }
double between(const level& l) { return l.ratio() > 0.5 && l.ratio() < 4 ? 0.8 : 0; }

double lambda(const level& l) { return std::log(l.alpha) - std::log(l.sigma); }

/// SA-Solver by its definition, the integrals of Lagrange's polynomials by Simpson's rule, on normal data, for which
/// all is linear in the start and in the normals: the mean and the variance at the end.
struct definition {
  int predictor, corrector;
  bool evaluates_again, modified, lower_order_final;
  double (*tau)(const level&);

  /// The step from `levels[s]`; the values of the levels before it newest first, preceded by `ahead` values at its end.
  [[nodiscard]] test::linear step(const test::linear& x, const std::vector<level>& levels, std::size_t s,
                                  std::vector<test::linear> values, std::size_t count, std::size_t ahead) const {
    const level &from = levels[s], &to = levels[s + 1];
    const double c = 1 + tau(from) * tau(from), h = lambda(to) - lambda(from);
    std::vector<double> nodes;
    for (std::size_t j = 0; j < count; ++j) nodes.push_back(lambda(levels[s + ahead - j]));
    std::vector<double> weights;
    for (std::size_t j = 0; j < count; ++j)
      weights.push_back(test::simpson(
          [&](double u) { return c * to.alpha * std::exp(c * (u - lambda(to))) * test::lagrange(nodes, j, u); },
          lambda(from), lambda(to)));
    if (modified && count == 2) {
      // diffusers' addition for order 2: it turns the integral of the first power into h^2 / 2.
      const double added =
          c * to.alpha * (h * h / 2 - (c * h - 1 + std::exp(-c * h)) / (c * c)) / (nodes[0] - nodes[1]);
      weights[0] += added;
      weights[1] -= added;
    }
    test::linear end;
    test::add(end, x, to.sigma / from.sigma * std::exp((1 - c) * h));
    for (std::size_t j = 0; j < count; ++j) test::add(end, values[j], weights[j]);
    if (c > 1) end[{1, static_cast<long>(s)}] += to.sigma * std::sqrt(-std::expm1(2 * (1 - c) * h));
    return end;
  }

  [[nodiscard]] test::moments law(const std::vector<level>& levels, const test::normal_data& problem) const {
    test::linear x{{{-1, 0}, levels[0].alpha * problem.mean}, {{0, 0}, std::sqrt(problem.variance(levels[0]))}};
    const auto data = [&](const test::linear& at, const level& l) {
      test::linear D{{{-1, 0}, problem.data(0, l)}};
      test::add(D, at, problem.data(1, l) - problem.data(0, l));
      return D;
    };
    std::vector<test::linear> values;
    test::linear corrected;
    const std::size_t steps = levels.size() - 1;
    for (std::size_t s = 0; s < steps; ++s) {
      values.insert(values.begin(), data(x, levels[s]));
      if (s > 0 && corrector > 0) {
        const std::size_t left = steps - s + 1, most = static_cast<std::size_t>(corrector);
        const std::size_t count = std::min(lower_order_final ? std::min(most, left + 1) : most, s + 1);
        corrected = step(corrected, levels, s - 1, values, count, 1);
        if (evaluates_again) values.front() = data(corrected, levels[s]);
      } else {
        corrected = x;
      }
      const std::size_t left = steps - s, most = static_cast<std::size_t>(predictor);
      x = step(corrected, levels, s, values, std::min(lower_order_final ? std::min(most, left) : most, s + 1), 0);
    }
    test::moments m;
    for (const auto& [key, value] : x) (key.first < 0 ? m.mean : m.variance) += key.first < 0 ? value : value * value;
    return m;
  }
};

}  // namespace

TEST_CASE("sa_solver without noise is of the order that it says", "[order]") {
  test::on_every_path([](const auto& schedule) {
    const auto off = [&](const auto& solver) { return test::measured_order(schedule, solver, 64) - solver.order; };
    CHECK(off(sa_solver<2, 0>{.tau = none}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<1, 2>{.tau = none}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<2, 2>{.tau = none, .lower_order_final = false}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<2, 3>{.tau = none, .lower_order_final = false}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<2, 3, correction::pece>{.tau = none, .lower_order_final = false}) == Approx(0).margin(0.15));
  });
}

TEST_CASE("sa_solver with noise is of weak order 2", "[order]") {
  test::on_every_path([](const auto& schedule) {
    const auto off = [&](const auto& solver) { return test::measured_weak_order(schedule, solver, 64) - solver.order; };
    CHECK(off(sa_solver<2, 0>{}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<1, 2>{}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<1, 2, correction::pece>{}) == Approx(0).margin(0.15));
    CHECK(off(sa_solver<2, 2>{.form = form::bh1, .lower_order_final = false}) == Approx(0).margin(0.15));
  });
}

TEST_CASE("sa_solver is its definition, with noise in some steps only") {
  const test::normal_data problem;
  const fk::schedule::flow_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, {8, 5, 2.8, 2, 0.9, 0.4, 0.25})};
  const auto check = [&](const auto& solver, definition by) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::flow{}, grid, solver);
    const test::moments ours = test::law(plan, problem), theirs = by.law(plan.levels, problem);
    CHECK(ours.mean == Approx(theirs.mean).epsilon(1e-11));  // 2000 pieces of Simpson's rule round to 1e-13 of weights
    CHECK(ours.variance == Approx(theirs.variance).epsilon(1e-11));  // that are up to 30 times their sum
  };
  for (const auto tau : {none, between, sa_solver<>::one})
    for (const form f : {form::heun, form::bh1})
      for (const bool final : {true, false}) {
        const bool modified = f == form::bh1;
        check(sa_solver<3, 4>{tau, f, final}, {3, 4, false, modified, final, tau});
        check(sa_solver<2, 2>{tau, f, final}, {2, 2, false, modified, final, tau});
        check(sa_solver<3, 1>{tau, f, final}, {3, 1, false, modified, final, tau});
        check(sa_solver<3, 0>{tau, f, final}, {3, 0, false, modified, final, tau});
        check(sa_solver<2, 3, correction::pece>{tau, f, final}, {2, 3, true, modified, final, tau});
      }
}

TEST_CASE("sa_solver is exponential Adams without noise or without corrector, and SDE-DPM-Solver++(2M)") {
  const test::normal_data problem;
  test::on_every_path([&](const auto& schedule) {
    const auto same = [&](const auto& a, const auto& b) {
      const auto law = [&](const auto& solver) {
        return test::law(fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(9), solver), problem);
      };
      const auto one = law(a), other = law(b);
      CHECK(one.mean == Approx(other.mean).epsilon(1e-12));
      CHECK(one.variance == Approx(other.variance).epsilon(1e-12));
    };
    using fk::solver::exp_adams;
    same(sa_solver<3, 4>{.tau = none, .lower_order_final = false}, exp_adams<3, true>{});
    same(sa_solver<3, 4>{.lower_order_final = false}, exp_adams<3, true>{.eta = 1});
    same(sa_solver<3, 0>{.lower_order_final = false}, exp_adams<3>{.eta = 1});
    same(sa_solver<2, 0>{.lower_order_final = false}, fk::solver::sde_dpmpp_2m{.form = form::heun});
  });
}

TEST_CASE("sa_solver draws noise where tau is above 0, and calls the network again where asked") {
  const auto planned = [](const auto& solver, int steps = 12) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(steps), solver);
  };
  const auto some = planned(sa_solver<>{.tau = between});
  for (std::size_t i = 0; i < some.calls.size(); ++i)
    CHECK(some.calls[i].then.normal_count == (between(some.levels[i]) > 0 ? 1 : 0));
  const auto twice = planned(sa_solver<2, 3, correction::pece>{});
  REQUIRE(twice.calls.size() == 2 * 12 - 1);
  for (std::size_t i = 1; i < 12; ++i) CHECK(twice.calls[2 * i - 1].at.time == twice.calls[2 * i].at.time);
  const auto more = [&](const auto& solver) {
    return static_cast<int>(planned(solver, 13).calls.size() - planned(solver, 12).calls.size());
  };
  CHECK(more(sa_solver<2, 3, correction::pece>{}) == sa_solver<2, 3, correction::pece>::evaluations);
  CHECK(more(sa_solver<2, 0, correction::pece>{}) == sa_solver<2, 0, correction::pece>::evaluations);
}

TEST_CASE("sa_solver takes a tau with a state") {
  struct below {
    double ratio;
    double operator()(const level& l) const { return l.ratio() < ratio ? 1 : 0; }
  };
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(4),
                                  sa_solver<2, 2, correction::pec, below>{.tau = {2}});
  CHECK(plan.calls.front().then.normal_count == 0);
  CHECK(plan.calls.back().then.normal_count == 1);
}

TEST_CASE("sa_solver reaches single points, is finite at both ends, and keeps as many tensors as it must") {
  test::is_finite_from_noise_to_data(sa_solver<>{});
  test::is_finite_from_noise_to_data(sa_solver<2, 3, correction::pece>{.tau = between});
  test::reaches_a_single_point(sa_solver<>{});
  test::reaches_a_single_point(sa_solver<2, 3, correction::pece>{});
  test::costs(sa_solver<3, 0>{}, {.inputs = 4, .rows = 2, .normals = 1, .buffers = 3});
  test::costs(sa_solver<2, 2>{}, {.inputs = 4, .rows = 3, .normals = 1, .buffers = 3});
  test::costs(sa_solver<3, 4>{}, {.inputs = 5, .rows = 3, .normals = 1, .buffers = 4});
  test::costs(sa_solver<2, 3, correction::pece>{}, {.inputs = 3, .rows = 3, .normals = 1, .buffers = 3});
}

TEST_CASE("sa_solver refuses a tau below 0") {
  const auto planned = [](auto tau) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), sa_solver<>{.tau = tau});
  };
  CHECK_THROWS_WITH(planned([](const level&) { return -0.5; }),
                    Catch::Contains("tau is -0.5") && Catch::Contains("a number >= 0"));
  CHECK_THROWS_WITH(planned([](const level&) { return std::nan(""); }), Catch::Contains("tau is"));
}
