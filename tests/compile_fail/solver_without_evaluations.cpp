// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a solver needs 'static constexpr int evaluations'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{},
                          archetype::solver_without_evaluations{});
}
