// SPDX-License-Identifier: MIT
#include <fokker/grid/to_ratio.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/labelled.hpp>
#include <fokker/grid/part.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::grid::from_ratio;
using fokker::grid::karras;
using fokker::grid::part;
using fokker::grid::time_shift;
using fokker::grid::to_ratio;
using fokker::grid::uniform;

namespace {
std::vector<double> times(const std::vector<fokker::level>& levels) {
  std::vector<double> list;
  for (const auto& l : levels) list.push_back(l.time);
  return list;
}
}  // namespace

TEST_CASE("to_ratio goes along the grid and ends at the given level") {
  const fokker::schedule::edm s;
  const auto all = karras{.steps = 12}.levels(s);
  for (const double ratio : {79.0, 3.3, 0.5, 0.0019}) {
    const auto levels = to_ratio{karras{.steps = 12}, ratio}.levels(s);
    CHECK(levels.back().sigma == ratio);
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) CHECK(levels[i].sigma == all[i].sigma);
    for (const auto& l : all) CHECK((l.sigma > ratio) == (l.sigma >= levels[levels.size() - 2].sigma));
  }
}

TEST_CASE("to_ratio and from_ratio are parts of the grid that meet at one level, of it or between its own", "[bits]") {
  // vp_linear has an inverse that rounds: a level that is looked up again may not be the one of the grid.
  const fokker::schedule::vp_linear s;
  const uniform grid{.steps = 20};
  const auto all = grid.levels(s);
  for (int i = 1; i < 20; ++i) {
    const double ratio = all[static_cast<std::size_t>(i)].ratio();
    CHECK(times(to_ratio{grid, ratio}.levels(s)) == times(part{grid, 0, i}.levels(s)));
    CHECK(times(from_ratio{grid, ratio}.levels(s)) == times(part{grid, i}.levels(s)));
  }
  const auto before = times(to_ratio{grid, 1.0}.levels(s)), after = times(from_ratio{grid, 1.0}.levels(s));
  CHECK(before.back() == after.front());
  CHECK(before.size() + after.size() == all.size() + 2);  // one level more than the grid has, and it is in both
}

TEST_CASE("to_ratio and from_ratio meet at as much noise as data where no ratio is given") {
  const fokker::schedule::edm s;
  CHECK(to_ratio<karras>{}.levels(s).back().sigma == 1);
  CHECK(from_ratio<karras>{}.levels(s).front().sigma == 1);
}

TEST_CASE("two networks that meet at a level are told every label of the grid once") {
  // The two networks of Wan 2.2 are trained above and below time 0.875, where sigma/alpha is 7.
  const fokker::schedule::flow_linear s;
  const auto labels = [&](const auto& grid) {
    std::vector<double> list;
    const auto plan = fokker::make_plan(
        s, fokker::parameterization::flow{},
        fokker::grid::labelled{grid, [](const fokker::level& l) { return std::trunc(1000 * l.time); }},
        fokker::solver::ddim{});
    for (const auto& c : plan.calls) list.push_back(c.at.label);
    return list;
  };
  const time_shift grid{uniform{.steps = 40}, 5.0};
  auto both = labels(to_ratio{grid, 7.0});
  const std::size_t handed_over = both.size();
  for (const double label : labels(from_ratio{grid, 7.0})) both.push_back(label);
  CHECK(both[handed_over] == 875);
  both.erase(both.begin() + static_cast<std::ptrdiff_t>(handed_over));
  CHECK(both == labels(grid));
}

TEST_CASE("to_ratio refuses a level above the grid, and ratios that are none, by name") {
  const fokker::schedule::edm s;
  const karras grid{.steps = 5, .sigma_max = 10};
  for (const double ratio : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    law::refused([&] { (void)to_ratio{grid, ratio}.levels(s); }, {"ratio is ", "> 0"});
  for (const double ratio : {10.0, 11.0})
    law::refused([&] { (void)to_ratio{grid, ratio}.levels(s); }, {"ratio is 1", "first level"});
}
