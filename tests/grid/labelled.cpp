// SPDX-License-Identifier: MIT
#include <fokker/grid/labelled.hpp>

#include <fokker/grid/explicit_levels.hpp>
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

namespace {
const fokker::schedule::flow_linear straight;
double whole_thousandths(const fokker::level& l) { return std::trunc(1000 * l.time); }

/// Wan 2.1 with UniPC: times 0.999 (1 - i / N), shifted, and labels cut off.
auto wan(int steps, double shift) {
  std::vector<double> times;
  for (int i = 0; i < steps; ++i) times.push_back(0.999 * (steps - i) / steps);
  times.push_back(0);
  return labelled{time_shift{fokker::grid::explicit_levels{fokker::levels_at(straight, times)}, shift},
                  whole_thousandths};
}
std::vector<double> labels(int steps, double shift) {
  std::vector<double> list;
  for (const auto& l : wan(steps, shift).levels(straight)) list.push_back(l.label);
  return list;
}
std::vector<std::string> findings(int steps, double shift) {
  return fokker::plan::check(
      fokker::make_plan(straight, fokker::parameterization::flow{}, wan(steps, shift), fokker::solver::ddim{}));
}
}  // namespace

TEST_CASE("labelled levels tell the network what their rule says, and change nothing else") {
  const labelled grid{time_shift{uniform{.steps = 50}, 5.0}, whole_thousandths};
  law::grid(
      [](int steps) {
        return labelled{uniform{.steps = steps}, [](const fokker::level&) { return 7.0; }};
      },
      straight);
  const auto plan = fokker::make_plan(straight, fokker::parameterization::flow{}, grid, fokker::solver::ddim{});
  const auto plain = grid.grid.levels(straight);
  CHECK(plan.calls[0].at.label == 1000);
  CHECK(plan.calls[1].at.label == 995);
  for (std::size_t i = 0; i < plan.calls.size(); ++i) CHECK(plan.calls[i].at.time == plain[i].time);
}

TEST_CASE("labelled gives the timesteps of Wan 2.1") {
  // Wan's FlowUniPC, in exact fractions
  const auto text = labels(50, 5);
  CHECK(std::vector<double>(text.begin(), text.begin() + 6) == std::vector<double>{999, 995, 991, 987, 982, 978});
  CHECK(std::vector<double>(text.end() - 4, text.end()) == std::vector<double>{241, 172, 92, 0});
  const auto image = labels(40, 3);
  CHECK(std::vector<double>(image.begin(), image.begin() + 3) == std::vector<double>{999, 991, 982});
}

TEST_CASE("labels that come twice are reported by the plan's checks, from the first number of steps that has them") {
  struct known {
    double shift;
    int any;    // the fewest steps with two equal labels in a row
    int first;  // the fewest steps whose first two are equal, and of all above: Wan's UniPC then takes the second
  };
  for (const known k : {known{5, 212, 251}, known{8, 133, 144}, known{12, 89, 92}, known{16, 67, 68}}) {
    INFO("shift " << k.shift);
    for (int steps = 2; steps < k.any; ++steps) {
      const auto list = labels(steps, k.shift);
      CHECK(std::adjacent_find(list.begin(), list.end()) == list.end());
    }
    for (int steps = 2; steps <= 300; ++steps) {
      const auto list = labels(steps, k.shift);
      CHECK((list[0] == list[1]) == (steps >= k.first));
    }
    CHECK(findings(k.any - 1, k.shift).empty());
    REQUIRE_FALSE(findings(k.any, k.shift).empty());
    CHECK_THAT(findings(k.any, k.shift).front(), Catch::Contains("the same label"));
    CHECK_THAT(findings(k.first, k.shift).front(),
               Catch::Contains("calls 0 and 1 tell the network the same label, 999"));
  }
}
