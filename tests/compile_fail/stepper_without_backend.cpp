// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: no backend knows this tensor type

#include <fokker/stepper.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::tensor_without_backend& x) {
  fokker::stepper run(plan, archetype::noise{}, x);
}
