// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a parameterization needs 'prediction_row row(const level&) const'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization_without_row{}, archetype::grid{},
                          archetype::solver{});
}
