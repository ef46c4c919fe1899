// SPDX-License-Identifier: MIT
#include <fokker/grid/from_ratio.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::from_ratio;
using fokker::grid::karras;

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
  // A level of the grid itself comes once.
  CHECK(from_ratio{karras{.steps = 12}, all[3].sigma}.levels(s).size() == all.size() - 3);
}

TEST_CASE("from_ratio refuses a level that the schedule or the rest of the grid does not have, by name") {
  const fokker::schedule::flow_linear s;
  const auto grid = [](fokker::ending end) {
    return karras{.steps = 5, .sigma_min = 0.1, .sigma_max = 10, .end = end};
  };
  law::refused([&] { (void)from_ratio{grid(fokker::ending::to_data), 0.0}.levels(s); }, {"ratio is 0"});
  law::refused([&] { (void)from_ratio{grid(fokker::ending::to_last_level), 0.05}.levels(s); }, {"ratio is 0.05"});
}
