// SPDX-License-Identifier: MIT
// at most 30 lines
// expected: fokker: sample_adaptively tells a denoiser where x is

#include <vector>

#include <fokker/grid/karras.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>

#include "support/archetypes.hpp"

using plan = fokker::adaptive<fokker::schedule::edm, fokker::parameterization::data, fokker::grid::karras,
                              fokker::solver::dpm_solver_2s>;

void f(const plan& plan, std::vector<float>& x) {
  const auto network = [](auto& out, const auto& in, const fokker::level&, const fokker::level&) { out = in; };
  fokker::sample_adaptively(plan, network, archetype::noise{}, x);
}
