// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: what is written into a temporary is lost

#include <vector>

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan) {
  const auto network = [](auto& out, const auto& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, archetype::noise{}, std::vector<float>(4));
}
