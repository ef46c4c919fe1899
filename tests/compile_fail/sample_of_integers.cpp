// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: the elements of a tensor are 'float', 'double', 'fokker::half' or 'fokker::bfloat16'

#include <vector>

#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, std::vector<int>& x) {
  const auto network = [](auto& out, const auto& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, archetype::noise{}, x);
}
