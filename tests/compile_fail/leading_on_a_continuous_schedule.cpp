// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: some grids need a schedule
// expected: int size() const

#include <fokker/grid/leading.hpp>
#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, fokker::grid::leading{},
                          archetype::solver{});
}
