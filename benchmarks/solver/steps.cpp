// SPDX-License-Identifier: MIT
// The updates of one step in the middle of a run, of every solver, on 16 Mi floats; the network is not run. The limit
// is a loop x = a x + b y in place, three passes over as many floats, in turn with them.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "../kernel/native.hpp"

namespace {

namespace fk = fokker;
constexpr std::size_t count = 1 << 24;

/// Tensors that all solvers take from.
float* tensor(std::size_t i) {
  static std::vector<std::vector<float>> all;
  while (all.size() <= i) all.emplace_back(count, 0.5f);
  return all[i].data();
}

void count_passes(benchmark::State& state, int passes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(count * sizeof(float)) * passes);
  state.counters["passes"] = passes;
}

void step(benchmark::State& state, const fk::solver::named& solver) {
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::log_snr{.steps = 20}, solver);
  std::vector<fk::plan::update> updates;
  std::vector<fk::kernel::operands<float>> places;
  int passes = 0;
  bool draws = false;
  for (const fk::plan::call& c : plan.calls) {
    if (c.step != 10) continue;
    fk::kernel::operands<float> at;
    at.samples = 1;
    at.size = count;
    for (std::size_t k = 0; k < static_cast<std::size_t>(c.then.input_count); ++k) {
      const fk::plan::operand& in = c.then.inputs[k];
      at.inputs[k] = tensor(in.where == fk::plan::operand::output ? 0 : 1 + static_cast<std::size_t>(in.index));
    }
    for (std::size_t j = 0; j < static_cast<std::size_t>(c.then.row_count); ++j)
      at.rows[j] = tensor(1 + static_cast<std::size_t>(c.then.rows[j].buffer));
    updates.push_back(c.then);
    places.push_back(at);
    passes += c.then.input_count + c.then.row_count;
    draws = draws || c.then.normal_count > 0;
  }
  for (auto _ : state) {
    for (std::size_t i = 0; i < updates.size(); ++i)
      fk::kernel::host::update(updates[i], places[i], fk::noise::philox{.seed = 1});
    benchmark::ClobberMemory();
  }
  count_passes(state, passes);
  state.counters["calls"] = static_cast<double>(updates.size());
  state.counters["buffers"] = plan.buffers;
  state.counters["draws"] = draws;
}

void limit(benchmark::State& state) {
  float* const y = tensor(0);
  float* const x = tensor(1);
  for (auto _ : state) {
    native::in_place(x, y, count);
    benchmark::ClobberMemory();
  }
  count_passes(state, 3);
}

const bool registered = [] {
  benchmark::RegisterBenchmark("solver/limit", limit);
  for (const fk::solver::named& s : fk::solver::all)
    benchmark::RegisterBenchmark(("solver/" + std::string(s.name)).c_str(),
                                 [&s](benchmark::State& state) { step(state, s); });
  return true;
}();

}  // namespace
