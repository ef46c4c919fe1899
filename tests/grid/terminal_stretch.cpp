// SPDX-License-Identifier: MIT
#include <fokker/grid/terminal_stretch.hpp>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::terminal_stretch;
using fokker::grid::time_shift;
using fokker::grid::uniform;

TEST_CASE("terminal_stretch is a lawful grid whose last level before the data is the terminal one") {
  for (const double terminal : {0.02, 0.1, 0.6}) {
    law::grid(
        [=](int steps) {
          return terminal_stretch{uniform{.steps = steps}, terminal};
        },
        fokker::schedule::flow_linear{});
    const auto levels = terminal_stretch{uniform{.steps = 9}, terminal}.levels(fokker::schedule::flow_linear{});
    CHECK(std::abs(levels[8].time - terminal) <= 8 * law::u);
  }
}

TEST_CASE("terminal_stretch is diffusers' formula on shifted times") {
  const fokker::schedule::flow_linear s;
  const auto shifted = time_shift{uniform{.steps = 8}, 2.5}.levels(s);
  const auto levels = terminal_stretch{time_shift{uniform{.steps = 8}, 2.5}, 0.1}.levels(s);
  const double factor = (1 - shifted[7].time) / (1 - 0.1);
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(levels[i].time == Approx(1 - (1 - shifted[i].time) / factor).epsilon(1e-14));
  CHECK(levels[8].is_data());
}

TEST_CASE("terminal_stretch undoes itself, on any schedule, and leaves one step alone") {
  const fokker::schedule::vp_linear s;
  const auto plain = uniform{.steps = 6}.levels(s);
  const auto back = terminal_stretch{terminal_stretch{uniform{.steps = 6}, 0.4}, 1.0 / 6}.levels(s);
  for (std::size_t i = 0; i < plain.size(); ++i) CHECK(back[i].time == Approx(plain[i].time).epsilon(1e-14));
  CHECK(terminal_stretch{uniform{.steps = 1}}.levels(s).front().time == 1);
}

TEST_CASE("terminal_stretch refuses a terminal share that is none, by name") {
  for (const double terminal : {0.0, 1.0, -0.1})
    law::refused(
        [&] {
          (void)terminal_stretch{uniform{}, terminal}.levels(fokker::schedule::flow_linear{});
        },
        {"terminal is "});
}

TEST_CASE("terminal_stretch of no levels is none, and no plan is made of one") {
  const fokker::schedule::flow_linear s;
  CHECK(terminal_stretch{fokker::grid::explicit_levels{}}.levels(s).empty());
  for (const double time : {0.0, 0.4, 1.0})
    CHECK(terminal_stretch{fokker::grid::explicit_levels{fokker::levels_at(s, {time})}}.levels(s).size() == 1);
}

TEST_CASE("terminal_stretch moves the last level before the data, or the last of all, from wherever the grid begins") {
  const fokker::schedule::flow_linear s;
  const auto times = [&](const std::vector<double>& plain) {
    std::vector<double> list;
    for (const auto& l : terminal_stretch{fokker::grid::explicit_levels{fokker::levels_at(s, plain)}, 0.25}.levels(s))
      list.push_back(l.time);
    return list;
  };
  // away from noise by 3/4 over 1/2, in powers of two: nothing is rounded
  CHECK(times({1, 0.75, 0.5, 0}) == std::vector<double>{1, 0.625, 0.25, 0});
  CHECK(times({1, 0.75, 0.5}) == std::vector<double>{1, 0.625, 0.25});
  CHECK(times({0.5, 0}) == std::vector<double>{0.25, 0});
}
