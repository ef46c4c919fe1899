// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a guidance rule needs 'static constexpr int branches'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{},
                          archetype::guidance_without_branches{});
}
