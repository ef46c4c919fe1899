// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a backend needs 'static element* data(T&)'

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, archetype::writing_denoiser& network, archetype::tensor_without_data& x) {
  fokker::sample(plan, network, archetype::noise{}, x);
}
