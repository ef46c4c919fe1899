// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a noise source needs 'normals(sample, block, piece) const'

#include <fokker/perturb.hpp>

#include "support/archetypes.hpp"

void f(const fokker::level& at, archetype::tensor& x) { fokker::perturb(at, x, archetype::noise_without_normals{}, x); }
