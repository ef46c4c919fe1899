// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: the arguments of make_plan are a schedule, a parameterization, a grid, a solver, guidance, options

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::solver{}, archetype::grid{});
}
