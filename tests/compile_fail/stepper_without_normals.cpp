// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a noise source needs 'normals(sample, block, piece) const'

#include <fokker/stepper.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::tensor& x) {
  fokker::stepper run(plan, archetype::noise_without_normals{}, x);
}
