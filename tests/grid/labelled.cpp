// SPDX-License-Identifier: MIT
#include <fokker/grid/labelled.hpp>

#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::grid::labelled;
using fokker::grid::time_shift;
using fokker::grid::uniform;

TEST_CASE("labelled levels tell the network what their rule says, and change nothing else") {
  const fokker::schedule::flow_linear s;
  const labelled grid{time_shift{uniform{.steps = 50}, 5.0},
                      [](const fokker::level& l) { return std::trunc(1000 * l.time); }};
  law::grid([](int steps) { return labelled{uniform{.steps = steps}, [](const fokker::level&) { return 7.0; }}; }, s);
  const auto plan = fokker::make_plan(s, fokker::parameterization::flow{}, grid, fokker::solver::ddim{});
  const auto plain = grid.grid.levels(s);
  CHECK(plan.calls[0].at.label == 1000);
  CHECK(plan.calls[1].at.label == 995);
  for (std::size_t i = 0; i < plan.calls.size(); ++i) CHECK(plan.calls[i].at.time == plain[i].time);
}

TEST_CASE("labels that come twice are reported by the plan's checks") {
  const auto findings = [](int steps) {
    const labelled grid{time_shift{uniform{.steps = steps}, 16.0},
                        [](const fokker::level& l) { return std::trunc(1000 * l.time); }};
    return fokker::plan::check(fokker::make_plan(fokker::schedule::flow_linear{}, fokker::parameterization::flow{},
                                                 grid, fokker::solver::ddim{}));
  };
  CHECK(findings(20).empty());
  const auto many = findings(400);
  REQUIRE_FALSE(many.empty());
  CHECK_THAT(many.front(), Catch::Contains("the same label"));
}
