// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a noise source needs 'normals(sample, block, piece) const'
// expected: as 'noise::philox{.seed = 42}' has

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::writing_denoiser& network, archetype::tensor& x) {
  fokker::sample(plan, network, archetype::noise_without_normals{}, x);
}
