// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a pointer has no shape

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, float* x) {
  const auto network = [](auto& out, const auto& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, archetype::noise{}, x);
}
