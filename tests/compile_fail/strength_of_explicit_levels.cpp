// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: strength counts the steps of a grid that has 'int steps'

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/strength.hpp>
#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f(const fokker::grid::explicit_levels& levels) {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, fokker::grid::strength{levels, 0.5},
                          archetype::solver{});
}
