// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a denoiser needs to be callable as 'denoiser(out, x, level)'
// expected: for tensors of the type that the run is given

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/sample.hpp>

#include "support/archetypes.hpp"

void f(const fokker::plan::program& plan, std::vector<float>& x) {
  using view = fokker::backend::host_view<float>;
  const auto network = [](view&, const view&, const fokker::level&) {};
  fokker::sample(plan, network, archetype::noise{}, x);
}
