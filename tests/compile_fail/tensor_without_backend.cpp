// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: no backend knows this tensor type: include its header, <fokker/backend/host.hpp> for std::vector
// expected: <fokker/backend/xtensor.hpp> for xtensor

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::writing_denoiser& network, archetype::tensor_without_backend& x) {
  fokker::sample(plan, network, archetype::noise{}, x);
}
