// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a schedule needs 'double data_time() const'

#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule_without_data_time{}, archetype::parameterization{},
                          fokker::grid::uniform{}, archetype::solver{});
}
