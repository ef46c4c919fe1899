// SPDX-License-Identifier: MIT
#include <fokker/solver/any.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::solver::any;

static_assert(fk::sampling_solver<any>);

TEST_CASE("a solver without its type keeps its facts and fields", "[bits]") {
  const auto table = fk::schedule::scaled_linear();
  const auto planned = [&](const auto& solver) {
    return fk::plan::to_text(
        fk::make_plan(table, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 4}, solver));
  };
  any one = fk::solver::ddim{.eta = 0.5};
  CHECK(one.order == 1);
  CHECK(one.evaluations == 1);
  CHECK(one.history == 0);
  CHECK(one.stochastic);
  CHECK(planned(one) == planned(fk::solver::ddim{.eta = 0.5}));
  const any copy = one;
  one = fk::solver::dpmpp_2m{};
  CHECK(one.order == 2);
  CHECK(one.history == 1);
  CHECK(planned(one) == planned(fk::solver::dpmpp_2m{}));
  CHECK(planned(copy) == planned(fk::solver::ddim{.eta = 0.5}));
}
