// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a grid needs 'std::vector<level> levels(const Schedule&) const'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid_without_levels{},
                          archetype::solver{});
}
