// SPDX-License-Identifier: MIT
#include <fokker/solver/rectified_cfg_pp.hpp>

#include <cmath>
#include <limits>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::guidance::classifier_free;
using fk::solver::rectified_cfg_pp;
using fk::solver::variable;

namespace {
/// What branch b says of the flow at x.
double flow_of(int b, double x, double time) { return std::sin(0.7 * b + 0.4 * x + time) - 0.3 * b * x; }

/// A run of a network of the flow on one number.
double run(const fk::plan::program& plan, double x) {
  struct silence {
    struct four {
      float z[4];
    };
    four normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) const { return {}; }
  };
  std::vector<double> memory{x};
  fk::stepper<std::vector<double>, silence> r(plan, silence{}, memory, fk::beginning::given);
  while (!r.done()) {
    for (int b = 0; b < r.branches(); ++b)
      if (r.wants(b)) r.output(b)[0] = flow_of(b, r.input()[0], r.at().time);
    r.advance();
  }
  return memory[0];
}
}  // namespace

TEST_CASE("rectified_cfg_pp is the algorithm of its paper, and of its authors' program") {
  const fk::schedule::flow_linear schedule;
  const fk::grid::uniform grid{.steps = 5};
  for (const double share : {0.5, 1.0})
    for (const double gamma : {0.0, 0.75}) {
      const double lambda = 3.5;
      const auto plan =
          fk::make_plan(schedule, fk::parameterization::flow{}, grid,
                        rectified_cfg_pp{.predictor = share, .gamma = gamma}, classifier_free::paper(lambda));
      double x = 0.7;
      for (int i = 0; i < 5; ++i) {
        const double t = 1 - i / 5.0, dt = -1 / 5.0, there = t + share * dt;
        const double v_c = flow_of(0, x, t), predicted = x + share * dt * v_c;
        const double scale = lambda * std::pow(1 - t, gamma);
        x += dt * (v_c + scale * (flow_of(0, predicted, there) - flow_of(1, predicted, there)));
      }
      INFO(share << ' ' << gamma);
      CHECK(run(plan, 0.7) == Approx(x).epsilon(1e-13));
      CHECK(fk::plan::evaluations(plan) == (gamma == 0 ? 15 : 13));  // the first step has no guidance
      CHECK_NOTHROW(fk::plan::require_valid(plan));
    }
}

TEST_CASE("rectified_cfg_pp in sigma/alpha is the same of x/alpha") {
  // y' = y + h (eps_c + 0.6 (eps_c - eps_u)), on constant branches: no matter where
  test::on_every_path([](const auto& schedule) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(3),
                                    rectified_cfg_pp{.variable = variable::ratio}, classifier_free{.scale = 1.6});
    const auto& l = plan.levels;
    const auto end = test::propagate(plan, {{{-2, 0}, 1.0}}, [](int, int b, const test::linear&) {
      return test::linear{{{-3, b}, 1.0}};
    });
    const double h = l.back().alpha * (l.back().ratio() - l.front().ratio());
    CHECK(end.at({-2, 0}) == Approx(l.back().alpha / l.front().alpha).epsilon(1e-13));
    CHECK(end.at({-3, 0}) == Approx(1.6 * h).epsilon(1e-13));
    CHECK(end.at({-3, 1}) == Approx(-0.6 * h).epsilon(1e-13));
  });
}

TEST_CASE(
    "from noise the step of rectified_cfg_pp in sigma/alpha is DDIM's of what is guided, or of the first branch") {
  const fk::schedule::flow_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {1, 0.6})};
  const auto end = [&](const auto& solver, double scale) {
    return test::respond(
               fk::make_plan(schedule, fk::parameterization::flow{}, grid, solver, classifier_free{.scale = scale}))
        .end;
  };
  const auto check = [&](double gamma, double scale) {
    const auto mine = end(rectified_cfg_pp{.variable = variable::ratio, .gamma = gamma}, 1.6);
    const auto expected = end(fk::solver::ddim{}, scale);
    const auto weight = [](const test::linear& of, long b) { return of.count({b, 0}) ? of.at({b, 0}) : 0; };
    for (const long b : {-2, -3, -4}) CHECK(weight(mine, b) == Approx(weight(expected, b)).epsilon(1e-14));
  };
  check(0, 1.6);
  check(0.5, 1);  // alpha^gamma is 0
}

TEST_CASE("without guidance rectified_cfg_pp is euler, and so is its order", "[order]") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio}) {
      const auto end = [&](const auto& solver, const auto& guidance) {
        const auto plan = fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(9), solver, guidance);
        return test::run(plan, problem, 3 * plan.levels.front().alpha);
      };
      const double expected = end(fk::solver::euler{.variable = v}, fk::guidance::none{});
      CHECK(end(rectified_cfg_pp{.variable = v}, fk::guidance::none{}) == Approx(expected).epsilon(1e-13));
      CHECK(end(rectified_cfg_pp{.variable = v}, classifier_free{.scale = 1}) == Approx(expected).epsilon(1e-13));
      CHECK(test::measured_order(schedule, rectified_cfg_pp{.variable = v}, 64) == Approx(1).epsilon(0).margin(0.15));
    }
  });
}

TEST_CASE("rectified_cfg_pp goes with rules that find numbers and with intervals") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 4},
                         rectified_cfg_pp{}, rule);
  };
  const auto found = plan(fk::guidance::apg{.momentum = 0});
  for (std::size_t i = 0; i < found.calls.size(); ++i)
    CHECK(found.calls[i].measures.size() == i % 2);  // none of what only the first branch is read of
  // Outside of the interval the guided slope is that of the first branch.
  const fk::guidance::interval some{classifier_free{.scale = 2}, fk::guidance::along::steps, 0.5, 1};
  CHECK(fk::plan::evaluations(plan(some)) < fk::plan::evaluations(plan(classifier_free{.scale = 2})));
}

TEST_CASE("rectified_cfg_pp reaches single points, and is finite at both ends") {
  for (const double share : {0.5, 1.0}) {
    test::is_finite_from_noise_to_data(rectified_cfg_pp{.predictor = share});
    test::is_finite_from_noise_to_data(rectified_cfg_pp{.variable = variable::ratio, .predictor = share});
    test::reaches_a_single_point(rectified_cfg_pp{.predictor = share});
  }
}

TEST_CASE("rectified_cfg_pp refuses fields that it has no meaning for") {
  const auto planned = [](const rectified_cfg_pp& solver) {
    return [=] { (void)fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver); };
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  law::refused(planned({.predictor = 0}), {"predictor is 0", "above 0, up to 1"});
  law::refused(planned({.predictor = 1.5}), {"predictor is 1.5"});
  law::refused(planned({.predictor = nan}), {"predictor is nan"});
  law::refused(planned({.gamma = -1}), {"gamma is -1", "a number >= 0"});
  law::refused(planned({.gamma = nan}), {"gamma is nan"});
  law::refused(planned({.variable = variable::log_snr}), {"variable is log_snr"});
}

TEST_CASE("rectified_cfg_pp keeps one tensor beside x") {
  test::costs(rectified_cfg_pp{}, {.inputs = 2, .rows = 2, .normals = 0, .buffers = 2});
}
