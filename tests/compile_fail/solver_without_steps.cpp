// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a solver needs 'plan::expression operator()(plan::builder&, plan::expression x) const'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{},
                          archetype::solver_without_steps{});
}
