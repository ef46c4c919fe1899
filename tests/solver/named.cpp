// SPDX-License-Identifier: MIT
#include <fokker/solver/named.hpp>

#include <fokker/plan/text.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::named;

static_assert(fk::sampling_solver<named>);

TEST_CASE("a solver without its type plans what its type plans, to the bit") {
  constexpr named solver = named::of<fk::solver::dpmpp_2m>("mine");
  CHECK(solver.name == "mine");
  CHECK(solver.order == 2);
  CHECK(solver.evaluations == 1);
  CHECK(solver.history == 1);
  CHECK_FALSE(solver.stochastic);
  const auto plan = [](const auto& s) {
    return fk::plan::to_text(
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(5), s));
  };
  CHECK(plan(solver) == plan(fk::solver::dpmpp_2m{}));
}
