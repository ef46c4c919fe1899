// SPDX-License-Identifier: MIT
#include <fokker/grid/explicit_levels.hpp>

#include <limits>

#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::grid::explicit_levels;

namespace {

const fokker::schedule::edm s;

auto planned(std::vector<level> list) {
  return [list = std::move(list)] {
    (void)fokker::make_plan(s, fokker::parameterization::data{}, explicit_levels{list}, fokker::solver::ddim{});
  };
}
level at(double alpha, double sigma, double time = 0.5) { return {.time = time, .alpha = alpha, .sigma = sigma}; }

}  // namespace

TEST_CASE("explicit_levels are the user's, verbatim, labels and all") {
  const std::vector<level> list{
      {.time = 3, .alpha = 0.5, .sigma = 2, .label = 77}, {.time = 1, .alpha = 1, .sigma = 0.5}, {}};
  const auto levels = explicit_levels{list}.levels(s);
  REQUIRE(levels.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(levels[i].time == list[i].time);
    CHECK(levels[i].alpha == list[i].alpha);
    CHECK(levels[i].sigma == list[i].sigma);
  }
  CHECK(levels[0].label == 77);
  const auto plan =
      fokker::make_plan(s, fokker::parameterization::data{}, explicit_levels{list}, fokker::solver::ddim{});
  REQUIRE(plan.calls.size() == 2);
  CHECK(plan.calls[0].at.label == 77);
  CHECK(plan.calls[1].at.label == 1);
}

TEST_CASE("explicit_levels at times and at ratios are the schedule's levels") {
  const auto times = explicit_levels{fokker::levels_at(s, {80, 5, 0})}.levels(s);
  const auto ratios = explicit_levels{fokker::levels_at_ratios(s, {80, 5, 0})}.levels(s);
  for (const auto& levels : {times, ratios}) {
    REQUIRE(levels.size() == 3);
    CHECK(levels[0].sigma == 80);
    CHECK(levels[1].sigma == 5);
    CHECK(levels[2].is_data());
    CHECK(levels[1].sigma_rate == 1);
  }
}

TEST_CASE("explicit_levels are the places in a list of 40 at which consistency models are called") {
  // Song et al. 2023: 0, 22 and 39 of 40 for ImageNet 64, 0 and 17 for bedrooms; the values by a power of 50 digits.
  // Sevenths of roots and a power of 7 round 30 times at most.
  const auto all = fokker::grid::karras{.steps = 39, .end = fokker::ending::to_last_level}.levels(s);
  REQUIRE(all.size() == 40);
  const auto levels = explicit_levels{{all[0], all[22], all[39]}}.levels(s);
  CHECK(levels[0].sigma == 80);
  CHECK(std::abs(levels[1].sigma / 1.38236795664850842214 - 1) <= 30 * law::u);
  CHECK(std::abs(all[17].sigma / 4.36556168568231849760 - 1) <= 30 * law::u);
  CHECK(levels[2].sigma == 0.002);
  CHECK(fokker::make_plan(s, fokker::parameterization::data{}, explicit_levels{levels}, fokker::solver::ddim{})
            .calls.size() == 2);
}

TEST_CASE("Levels that are too few, not numbers or not towards data are refused by name and value") {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  law::refused(planned({}), {"the number of levels is 0;"});
  law::refused(planned({at(0.5, 1)}), {"the number of levels is 1;"});
  law::refused(planned({at(1, 2), at(1, 3), level{}}), {"level 1: sigma/alpha is 3;", "less than 2"});
  law::refused(planned({at(1, 2), at(1, 2), level{}}), {"level 1: sigma/alpha is 2;"});
  law::refused(planned({at(1, 2), level{}, level{}}), {"level 2: sigma/alpha is 0;"});
  law::refused(planned({at(not_a_number, 2), level{}}), {"level 0: alpha is nan;"});
  law::refused(planned({at(-0.5, 2), level{}}), {"level 0: alpha is -0.5;"});
  law::refused(planned({at(1, 2), at(1, not_a_number), level{}}), {"level 1: sigma is nan;"});
  law::refused(planned({at(1, infinity), level{}}), {"level 0: sigma is inf;"});
  law::refused(planned({at(1, 2), at(1, -1)}), {"level 1: sigma is -1;"});
  law::refused(planned({at(1, 2, not_a_number), level{}}), {"level 0: time is nan;"});
  law::refused(planned({at(0, 0), level{}}), {"level 0: alpha and sigma is 0;"});
}

TEST_CASE("Ratios that are no ratios are refused by value") {
  law::refused([] { (void)fokker::levels_at_ratios(s, {80, -5, 0}); }, {"sigma/alpha is -5;"});
  law::refused([] { (void)fokker::levels_at_ratios(s, {std::numeric_limits<double>::quiet_NaN()}); },
               {"sigma/alpha is nan;"});
}
