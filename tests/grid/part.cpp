// SPDX-License-Identifier: MIT
#include <fokker/grid/part.hpp>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/schedule/edm.hpp>

#include "support/laws.hpp"

using fokker::grid::karras;
using fokker::grid::part;

TEST_CASE("two parts of a grid are the grid, and meet at a level") {
  const fokker::schedule::edm s;
  const auto all = karras{.steps = 9}.levels(s);
  for (int cut = 1; cut < 9; ++cut) {
    const auto before = part{karras{.steps = 9}, 0, cut}.levels(s), after = part{karras{.steps = 9}, cut}.levels(s);
    REQUIRE(before.size() + after.size() == all.size() + 1);
    CHECK(before.back().sigma == after.front().sigma);
    for (std::size_t i = 0; i < all.size(); ++i)
      CHECK(all[i].sigma == (i < before.size() ? before[i] : after[i + 1 - before.size()]).sigma);
  }
  CHECK(part{karras{.steps = 9}}.levels(s).size() == all.size());
}

TEST_CASE("part refuses steps that the grid does not have, by name") {
  const fokker::schedule::edm s;
  law::refused([&] { (void)part{karras{.steps = 4}, 4}.levels(s); }, {"first is 4", "0 to 3"});
  law::refused([&] { (void)part{karras{.steps = 4}, -1}.levels(s); }, {"first is -1"});
  law::refused([&] { (void)part{karras{.steps = 4}, 2, 3}.levels(s); }, {"count is 3", "1 to 2"});
  law::refused([&] { (void)part{karras{.steps = 4}, 2, -1}.levels(s); }, {"count is -1", "1 to 2"});
  CHECK(part{fokker::grid::explicit_levels{}, 1}.levels(s).empty());  // which make_plan refuses, by their number
}
