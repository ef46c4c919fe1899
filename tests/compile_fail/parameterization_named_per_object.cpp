// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a parameterization needs 'static constexpr const char* name'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

struct named_per_object {
  const char* name = "of an object";
  fokker::prediction_row row(const fokker::level&) const { return {1, 0}; }
};

void f() { (void)fokker::make_plan(archetype::schedule{}, named_per_object{}, archetype::grid{}, archetype::solver{}); }
