// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a denoiser needs to be callable as 'denoiser(out, x, level)'
// expected: for tensors of the type that the run is given and a 'const fokker::level&'

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::no_denoiser& network, archetype::tensor& x) {
  fokker::sample(plan, network, archetype::noise{}, x);
}
