// SPDX-License-Identifier: MIT
#include <fokker/grid/from_ratio.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/labelled.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::from_ratio;
using fokker::grid::karras;
using fokker::grid::uniform;

TEST_CASE("from_ratio begins at the given level and goes on along the grid") {
  const fokker::schedule::edm s;
  const auto all = karras{.steps = 12}.levels(s);
  for (const double ratio : {79.0, 3.3, 0.5, 0.0021}) {
    const auto levels = from_ratio{karras{.steps = 12}, ratio}.levels(s);
    CHECK(levels.front().sigma == ratio);
    CHECK(levels.back().is_data());
    for (std::size_t i = 1; i < levels.size(); ++i) CHECK(levels[levels.size() - i].sigma == all[all.size() - i].sigma);
    for (const auto& l : all) CHECK((l.sigma < ratio) == (l.sigma <= levels[1].sigma));
  }
  // From above the grid there is one step more than it has.
  CHECK(from_ratio{karras{.steps = 12, .sigma_max = 10}, 20}.levels(s).size() == all.size() + 1);
}

namespace {

template <class Grid>
auto with_labels(const Grid& grid) {
  return fokker::grid::labelled{grid, [](const fokker::level& l) { return 1000 * l.time; }};
}

/// Calls `check(schedule, grid)` with grids on schedules whose inverses round.
template <class Check>
void on_every_inverse(Check check) {
  check(fokker::schedule::edm{}, with_labels(karras{.steps = 50}));
  check(fokker::schedule::vp_linear{}, with_labels(uniform{.steps = 50}));
  check(fokker::schedule::cosine{}, with_labels(uniform{.steps = 50}));
  check(fokker::schedule::flow_linear{}, with_labels(fokker::grid::time_shift{uniform{.steps = 50}, 3.0}));
  check(fokker::schedule::scaled_linear(), with_labels(fokker::grid::trailing{.steps = 50}));
}

}  // namespace

TEST_CASE("from_ratio has no level twice, a rounding apart, where the ratio is that of a level") {
  // Looked up by its ratio a level would come again beside itself; so would one whose ratio the user computed
  // otherwise.
  on_every_inverse([](const auto& schedule, const auto& grid) {
    const auto all = grid.levels(schedule);
    law::failures extra;
    for (std::size_t i = 0; i + 1 < all.size(); ++i)
      for (const double off : {-1e-13, 0.0, 1e-13})
        if (!all[i].is_noise() &&
            from_ratio{grid, all[i].ratio() * (1 + off)}.levels(schedule).size() != all.size() - i)
          law::note(extra, all[i].time);
    CHECK(extra == law::failures{});
  });
}

TEST_CASE("from_ratio begins at the grid's own level where the ratio is that of one, label and all", "[bits]") {
  on_every_inverse([](const auto& schedule, const auto& grid) {
    const auto all = grid.levels(schedule);
    law::failures another;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      if (all[i].is_noise()) continue;
      const fokker::level first = from_ratio{grid, all[i].ratio()}.levels(schedule).front();
      if (first.time != all[i].time || first.label != all[i].label) law::note(another, all[i].time);
    }
    CHECK(another == law::failures{});
  });
}

TEST_CASE("from_ratio takes a ratio beside that of a level as it is given") {
  const fokker::schedule::edm s;
  const auto all = karras{.steps = 12}.levels(s);
  const double beside = all[3].sigma * (1 + 1e-9);
  const auto levels = from_ratio{karras{.steps = 12}, beside}.levels(s);
  CHECK(levels.front().sigma == beside);
  CHECK(levels.size() == all.size() - 2);
}

TEST_CASE("from_ratio refuses a level that the schedule or the rest of the grid does not have, by name") {
  const fokker::schedule::flow_linear s;
  const auto grid = [](fokker::ending end) {
    return karras{.steps = 5, .sigma_min = 0.1, .sigma_max = 10, .end = end};
  };
  law::refused([&] { (void)from_ratio{grid(fokker::ending::to_data), 0.0}.levels(s); }, {"ratio is 0"});
  law::refused([&] { (void)from_ratio{grid(fokker::ending::to_last_level), 0.05}.levels(s); }, {"ratio is 0.05"});
}
