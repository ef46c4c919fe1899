// SPDX-License-Identifier: MIT
#include <fokker/plan/check.hpp>

#include <limits>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;

namespace {
fk::plan::program sound() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(8),
                       fk::solver::dpmpp_2m{});
}
}  // namespace

TEST_CASE("a sound plan has no findings") { CHECK(fk::plan::check(sound()).empty()); }

TEST_CASE("a coefficient that takes constants away is found") {
  auto plan = sound();
  plan.calls[3].then.rows[0].inputs[0] *= 1 + 1e-9;
  REQUIRE(fk::plan::check(plan).size() == 1);
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("constant data are not preserved"));
}

TEST_CASE("coefficients and labels that are not finite are found on their bits") {
  auto plan = sound();
  plan.calls[2].then.rows[0].inputs[1] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(fk::plan::require_finite(plan), Catch::Contains("call 2") && Catch::Contains("coefficient"));
  plan = sound();
  plan.calls[2].at.label = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(fk::plan::require_finite(plan), Catch::Contains("call 2") && Catch::Contains("label"));
  CHECK(!fk::plan::check(plan).empty());
}

TEST_CASE("two levels with one label are found, the two calls of a level are not") {
  const fk::schedule::flow_linear schedule;
  std::vector<double> times;
  for (int i = 0; i <= 300; ++i) {
    const double t = 0.999 * (300 - i) / 300;
    times.push_back(5 * t / (1 + 4 * t));
  }
  auto levels = fk::levels_at(schedule, times);
  for (auto& l : levels) l.label = std::floor(1000 * l.time);  // truncated timesteps, as video models are told them
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{}, fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  REQUIRE(!fk::plan::check(plan).empty());
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("calls 0 and 1 tell the network the same label, 999"));
}

TEST_CASE("levels out of order are found") {
  auto plan = sound();
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to data"));
}

TEST_CASE("a plan towards noise is checked in its own order, up to noise alone") {
  auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::velocity{},
                            fk::grid::uniform{.steps = 6}, fk::solver::ddim_inversion{});
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to noise"));
}

TEST_CASE("a plan of nothing is found") {
  CHECK_THAT(fk::plan::check(fk::plan::program{}).at(0), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
  auto plan = sound();
  plan.calls.clear();
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("the number of calls is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(plan), Catch::Contains("the number of calls is 0"));
}
