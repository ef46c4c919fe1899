// SPDX-License-Identifier: MIT
#include <fokker/make_plan.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/heun.hpp>

#include "support/members.hpp"

namespace fk = fokker;

TEST_CASE("a network that cannot tell data at noise is refused with both names", "[bits]") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::epsilon{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::ddim{}),
                    "fokker: at time 1 (alpha 0, sigma 1) a network that predicts epsilon does not determine data");
}

TEST_CASE("levels that are not finite, or not strictly towards data, are refused with their number") {
  const auto plan = [](std::vector<fk::level> levels) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                         fk::grid::explicit_levels{std::move(levels)}, fk::solver::ddim{});
  };
  const fk::schedule::edm edm;
  CHECK_THROWS_WITH(plan({}), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1})), Catch::Contains("the number of levels is 1"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1, 1})), Catch::Contains("level 1"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1, 2})),
                    Catch::Contains("level 1: sigma/alpha is 2; allowed: less than 1"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {3, std::nan(""), 1})), Catch::Contains("level 1: time is nan"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {3, -1})), Catch::Contains("level 1: sigma is -1"));
  CHECK_THROWS_WITH(plan({fk::level{.time = 1, .alpha = 0, .sigma = 0}, fk::level{}}), Catch::Contains("not both 0"));
}

TEST_CASE("the user's labels are told to the network verbatim, and else those of the parameterization, or the time") {
  const fk::schedule::flow_linear schedule;
  auto levels = fk::levels_at(schedule, {1, 0.5, 0});
  levels[1].label = 7;
  const auto plan = fk::make_plan(schedule, fk::parameterization::flow{.label_scale = 1000},
                                  fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  CHECK(plan.calls[0].at.label == 1000);
  CHECK(plan.calls[1].at.label == 7);
  const auto timed = fk::make_plan(schedule, fk::parameterization::data{},
                                   fk::grid::explicit_levels{fk::levels_at(schedule, {1, 0.5})}, fk::solver::ddim{});
  CHECK(timed.calls[0].at.label == 1);
}

TEST_CASE("a label that does not exist is refused") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::edm{},
                                  fk::grid::uniform{.steps = 2}, fk::solver::ddim{}),
                    Catch::Contains("call 0") && Catch::Contains("label is inf; allowed: a finite number"));
}

namespace {
struct lazy {
  static constexpr int order = 1, evaluations = 0, history = 0;
  static constexpr bool stochastic = false;
  fk::plan::expression operator()(fk::plan::builder&, fk::plan::expression x) const { return 0.5 * x; }
};
}  // namespace

TEST_CASE("a solver that calls no network makes no plan") {
  for (const bool preview : {false, true})
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 4},
                                    lazy{}, fk::guidance::none{}, {.preview = preview}),
                      "fokker: the number of calls is 0; allowed: 1 or more");
}
