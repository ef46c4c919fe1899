// SPDX-License-Identifier: MIT
#include <fokker/plan/trace.hpp>

#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::trace;

TEST_CASE("a trace holds what a solver said: calls with their branches, kept values, normals, the result") {
  const auto said = [](const auto& solver) {
    const fk::schedule::vp_linear schedule;
    const fk::parameterization::epsilon network;
    const fk::guidance::classifier_free rule{.scale = 3};
    fk::plan::builder p(schedule, network, test::inner(3).levels(schedule), fk::plan::rule_of(rule));
    return std::move(p).finish(solver(p, fk::plan::expression(0)));
  };
  const auto kept = said(fk::solver::dpmpp_2m{});
  CHECK(kept.levels.size() == 4);
  CHECK(kept.predicts == "epsilon");
  CHECK(kept.branches == 2);
  CHECK(kept.symbols.front().what == trace::kind::start);
  REQUIRE(kept.calls.size() == 3);
  for (int i = 0; i < 3; ++i) {
    const trace::call& c = kept.calls[static_cast<std::size_t>(i)];
    const auto symbol = [&](int behind) { return kept.symbols[static_cast<std::size_t>(c.guided + behind)]; };
    CHECK(c.step == i);
    CHECK((symbol(0).what == trace::kind::guided && symbol(0).index == i));
    for (const int b : {0, 1}) CHECK((symbol(1 + b).what == trace::kind::branch && symbol(1 + b).branch == b));
    CHECK(c.guides == c.predicts);  // the rule weighs what the branches said
    CHECK(c.guidance == fk::plan::expression(c.guided + 1, 3) + fk::plan::expression(c.guided + 2, -2));
    CHECK(kept.keeps[static_cast<std::size_t>(i)].after == i);
  }
  CHECK(kept.normals == 0);
  CHECK_FALSE(kept.result.empty());

  const auto drawn = said(fk::solver::ddpm{});
  CHECK(drawn.keeps.empty());
  CHECK(drawn.normals == 3);  // the last level is not the data
}
