// SPDX-License-Identifier: MIT
#include <fokker/interop/recipe.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpm_2.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::plan::to_text;

TEST_CASE("a recipe is the plan of its parts", "[bits]") {
  const auto table = fk::schedule::scaled_linear();
  const fk::grid::karras grid{.steps = 4};
  const auto levels = grid.levels(table);
  fk::interop::recipe r{.schedule = table, .levels = levels, .solver = fk::solver::dpm_2{}};
  const fk::guidance::none none;

  SECTION("as it is") {
    CHECK(to_text(r.plan(none, {})) ==
          to_text(fk::make_plan(table, fk::parameterization::epsilon{}, grid, fk::solver::dpm_2{})));
  }
  SECTION("with guidance and a preview") {
    const fk::guidance::classifier_free guidance{.scale = 3};
    CHECK(to_text(r.plan(guidance, {.preview = true})) ==
          to_text(fk::make_plan(table, fk::parameterization::epsilon{}, grid, fk::solver::dpm_2{}, guidance,
                                {.preview = true})));
  }
  SECTION("with a limit of the data") {
    r.network = fk::parameterization::velocity{};
    r.limit = {.bound = 2};
    CHECK(to_text(r.plan(none, {})) ==
          to_text(fk::make_plan(table, fk::parameterization::clipped{fk::parameterization::velocity{}, 2.0}, grid,
                                fk::solver::dpm_2{})));
  }
  SECTION("with a variance that is learned") {
    const fk::solver::ddpm solver{.variance = fk::solver::ddpm_variance::learned_range};
    r.solver = solver;
    r.learns_variance = true;
    CHECK(to_text(r.plan(none, {})) ==
          to_text(fk::make_plan(table, fk::parameterization::learned_variance{fk::parameterization::epsilon{}}, grid,
                                solver)));
    r.network = fk::parameterization::velocity{};
    CHECK(to_text(r.plan(none, {})) ==
          to_text(fk::make_plan(table, fk::parameterization::learned_variance{fk::parameterization::velocity{}}, grid,
                                solver)));
  }
  SECTION("from data to noise") {
    r.solver = fk::solver::ddim_inversion{};
    r.towards_noise = true;
    CHECK(to_text(r.plan(none, {})) ==
          to_text(fk::make_plan(table, fk::parameterization::epsilon{}, grid, fk::solver::ddim_inversion{})));
  }
}
