// SPDX-License-Identifier: MIT
#pragma once

// What is measured: the middle update of a plan, on buffers of its own.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include <fokker/backend/xtensor.hpp>
#include <fokker/fokker.hpp>

#include "native.hpp"

namespace measured {

namespace fk = fokker;
using tensor = xt::xtensor<float, 1>;

inline tensor filled(std::size_t count, float value) {
  tensor t = tensor::from_shape({count});
  t.fill(value);
  return t;
}

inline void count_floats(benchmark::State& state, std::int64_t touched) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * touched * static_cast<std::int64_t>(sizeof(float)));
}

/// The middle update of a plan: history is there, and the data are not yet reached.
template <class Solver, class Guidance>
fk::plan::update middle(const Solver& solver, const Guidance& guidance) {
  const auto plan = fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{},
                                  fk::grid::karras{.steps = 20}, solver, guidance);
  return plan.calls[10].then;
}

/// Runs `u` for the count of floats in the state's first argument; the network's tensors are of type Network.
template <class Network = float>
void run(benchmark::State& state, const fk::plan::update& u, std::int64_t touched) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<tensor> buffers(2, filled(count, 0.5f));
  std::vector<std::vector<Network>> outputs(2, std::vector<Network>(count, Network(0.25f)));
  std::vector<Network> input(std::is_same_v<Network, float> ? 0 : count);
  fk::kernel::operands<float, Network> at;
  at.samples = 1;
  at.size = count;
  for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k) {
    const auto& in = u.inputs[k];
    const auto i = static_cast<std::size_t>(in.index);
    if (in.where == fk::plan::operand::buffer)
      at.inputs[k] = buffers[i].data();
    else if constexpr (std::is_same_v<Network, float>)
      at.inputs[k] = outputs[i].data();
    else
      at.outputs[k] = outputs[i].data();
  }
  for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
    at.rows[j] = buffers[static_cast<std::size_t>(u.rows[j].buffer)].data();
  if (!input.empty()) at.copy = input.data();
  for (auto _ : state) {
    fk::kernel::host::update(u, at, fk::noise::philox{.seed = 1});
    benchmark::ClobberMemory();
  }
  count_floats(state, touched);
}

inline fk::plan::update cfg_dpmpp_2m() {
  return middle(fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 7.5});
}

/// The limit of that update: as many pairs of buffers as it touches, x, cond, uncond and history being two, in `parts`
/// that threads take where the build has them.
inline void limit_cfg_dpmpp_2m(benchmark::State& state, std::size_t parts) {
  const auto count = static_cast<std::size_t>(state.range(0));
  tensor a = filled(count, 0.5f), b = filled(count, 0.5f), c = filled(count, 0.25f), d = filled(count, 0.25f);
  const std::size_t part = count / parts;
  for (auto _ : state) {
#if defined(_OPENMP)
#pragma omp parallel for schedule(static)
#endif
    for (std::size_t p = 0; p < parts; ++p) {
      native::in_place(a.data() + p * part, b.data() + p * part, part);
      native::in_place(c.data() + p * part, d.data() + p * part, part);
    }
    benchmark::ClobberMemory();
  }
  count_floats(state, 6);
}

}  // namespace measured
