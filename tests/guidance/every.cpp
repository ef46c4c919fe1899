// SPDX-License-Identifier: MIT
#include <fokker/guidance/every.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>

#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

/// What the rule adds, at a time.
using function = double (*)(double);

/// The largest distance of the guided data of a run from conditional data 0 and a difference that runs as `f`.
template <class Rule>
double error(const Rule& rule, function f) {
  const auto plan = fk::make_plan(
      fk::schedule::flow_linear{}, fk::parameterization::data{},
      fk::grid::explicit_levels{fk::levels_at(fk::schedule::flow_linear{}, {1, 0.8, 0.7, 0.45, 0.4, 0.1, 0})},
      fk::solver::ddim{}, rule, {.preview = true});
  std::vector<double> x(2);
  const fk::noise::philox noise{};
  fk::stepper run(plan, noise, x);
  double worst = 0;
  while (!run.done()) {
    const double time = run.at().time;
    if (run.wants(0)) run.output(0).assign(2, 0.0);
    if (run.wants(1)) run.output(1).assign(2, -f(time));  // scale 2: the rule adds f
    run.advance();
    for (const double v : *run.preview()) worst = std::max(worst, std::abs(v - f(time)));
  }
  return worst;
}

}  // namespace

TEST_CASE("every calls the other branch at every k-th step alone") {
  for (const int k : {1, 2, 3}) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = 6}, fk::solver::euler{}, every{classifier_free{}, k});
    for (const auto& c : plan.calls) {
      CHECK(plan.wants(c, 0));
      CHECK(plan.wants(c, 1) == (c.step % k == 0));
    }
  }
}

TEST_CASE("what is added is extrapolated exactly where it runs on a line, and held it is not") {
  const every line{classifier_free{.scale = 2}, 2};
  CHECK(error(line, [](double) { return 3.0; }) < 1e-14);
  CHECK(error(every{classifier_free{.scale = 2}, 2, false}, [](double) { return 3.0; }) < 1e-14);
  // The first step between has one before it alone: there the two are the same, off by 0.2 of the slope.
  const function slope = [](double t) { return 2 * t; };
  CHECK(error(line, slope) == Approx(0.4));
  CHECK(error(every{classifier_free{.scale = 2}, 2, false}, slope) == Approx(0.6));  // from 0.4 to 0.1
}

TEST_CASE("every goes around rules that remember") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 6}, fk::solver::euler{}, every{apg{}, 2});
  CHECK(fk::plan::check(plan).empty());
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 6}, fk::solver::euler{}, every{classifier_free{}, 0}),
                    Catch::Contains("k is 0;"));
}
