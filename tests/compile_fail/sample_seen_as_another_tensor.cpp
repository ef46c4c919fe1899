// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: an observer needs to be callable as 'observer(progress)', with a

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, std::vector<float>& x) {
  const auto network = [](auto& out, const auto& in, const fokker::level&) { out = in; };
  fokker::sample(plan, network, archetype::noise{}, x,
                 [](const fokker::progress<fokker::backend::host_view<float>>& seen) { return seen.call < 3; });
}
