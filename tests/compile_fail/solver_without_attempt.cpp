// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: steps of its own choice need a solver with 'plan::attempt attempt

#include <fokker/sample_adaptively.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::adaptive(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{});
}
