// SPDX-License-Identifier: MIT
// The updates of one step in the middle of a run, of every solver, on 16 Mi floats; the network is not run. The path is
// one that says how fast it changes, as solvers of the flow need it, and a step is one that calls the network. The
// limit reads and writes the same tensors, a plain loop for each that is written, in turn with the step: the counter
// `limit`, in seconds of the processor. Runs of a benchmark of its own would not do, as interleaving leaves them
// minutes apart.
#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string>
#include <utility>

#include <fokker/solver/by_name.hpp>

#include "../kernel/measured.hpp"

namespace {

using namespace measured;

constexpr std::size_t count = 1 << 24;

fk::plan::program planned(const fk::solver::named& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 20},
                       solver);
}

void step(benchmark::State& state, const fk::solver::named& solver) {
  static memory<> tensors(count, 8, 1);  // for all solvers
  const fk::plan::program plan = planned(solver);
  int middle = 0;
  for (const fk::plan::call& c : plan.calls)
    if (c.step <= 10) middle = c.step;
  std::vector<std::pair<fk::plan::update, limit>> updates;
  std::int64_t floats = 0, normals = 0;
  for (const fk::plan::call& c : plan.calls)
    if (c.step == middle) {
      updates.emplace_back(c.then, limit(c.then, tensors.at(c.then)));
      floats += touched(c.then);
      normals += c.then.normal_count;
    }
  double limits = 0;
  for (auto _ : state) {
    state.SetIterationTime(seconds_of([&] {
      for (const auto& u : updates) fk::kernel::host::update(u.first, tensors.at(u.first), fk::noise::philox{});
    }));
    limits += seconds_of([&] {
      for (const auto& u : updates) u.second(0, count);
    });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(count * sizeof(float)) * floats);
  state.counters["limit"] = benchmark::Counter(limits, benchmark::Counter::kAvgIterations);
  state.counters["calls"] = static_cast<double>(updates.size());
  state.counters["buffers"] = plan.buffers;
  state.counters["floats"] = static_cast<double>(floats);
  state.counters["normals"] = static_cast<double>(normals);
}

const bool registered = [] {
  for (const fk::solver::named& solver : fk::solver::all) try {
      static_cast<void>(planned(solver));
      benchmark::RegisterBenchmark(("solver/" + std::string(solver.name)).c_str(), step, solver)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    } catch (const std::invalid_argument&) {  // the solver does not take these levels
    }
  return true;
}();

}  // namespace
