// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: the arguments of sample are a plan, a denoiser, noise, x

#include <vector>

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, std::vector<float>& x) {
  const auto network = [](auto& out, const auto& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, x, archetype::noise{});
}
