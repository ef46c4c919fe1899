// SPDX-License-Identifier: MIT
#include <fokker/plan/collector.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/traced.hpp"

namespace fk = fokker;
using fk::plan::trace;

TEST_CASE("what was said becomes targets, over what the branches said") {
  const fk::plan::trace said = test::traced(fk::solver::dpmpp_2m{});
  fk::plan::draft d = test::collected(fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 3});
  std::size_t inputs = 0;
  for (const trace::call& c : said.calls) inputs += !c.value.empty();
  CHECK(d.targets.size() == said.keeps.size() + inputs + 1);  // and the result
  for (const auto& t : d.targets)
    for (const auto& [a, weight] : t.value.terms()) CHECK(d.symbol(a).what != trace::kind::guided);
}

TEST_CASE("previews are data that are kept already, or rows of their own") {
  CHECK(test::collected(fk::solver::dpmpp_2m{}, fk::guidance::none{}, true).previews.size() == 3);
  const fk::plan::draft without = test::collected(fk::solver::dpmpp_2m{});
  const fk::plan::draft with = test::collected(fk::solver::dpmpp_2m{}, fk::guidance::none{}, true);
  CHECK(without.previews.empty());
  CHECK(with.targets.size() == without.targets.size());  // which the method keeps
}

TEST_CASE("what numbers are found of is formed and written nowhere") {
  const fk::plan::draft d = test::collected(fk::solver::dpmpp_2m{}, fk::guidance::apg{});
  int measured = 0;
  for (std::size_t q = 0; q < d.said.quantities.size(); ++q) {
    if (d.said.quantities[q].what != fk::plan::operation::found) continue;
    REQUIRE(d.rows_of[q].size() == 2);
    for (const int i : d.rows_of[q]) CHECK(fk::plan::nth(d.targets, i).measured);
    ++measured;
  }
  CHECK(measured == 9);  // three dots a call
}
