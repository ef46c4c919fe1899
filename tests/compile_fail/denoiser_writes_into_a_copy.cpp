// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: this denoiser takes 'out' by value

#include <vector>

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, std::vector<float>& x) {
  const auto network = [](std::vector<float> out, const std::vector<float>& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, archetype::noise{}, x);
}
