// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a guidance rule needs 'std::array<double, branches> weights(const level&) const' or

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{},
                          archetype::guidance_of_another_size{});
}
