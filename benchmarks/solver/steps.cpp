// SPDX-License-Identifier: MIT
// The updates of one step in the middle of a run, of every solver; the network is not run. The path is one that says
// how fast it changes, as solvers of the flow need it, and a step is one that calls the network. The limit reads and
// writes the same tensors, a plain loop for each that is written, in turn with a burst of the step: the counter
// `limit`, in seconds of the processor. Runs of a benchmark of its own would not do, as interleaving leaves them
// minutes apart.
#include <benchmark/benchmark.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <fokker/solver/by_name.hpp>

#include "../kernel/measured.hpp"

namespace {

using namespace measured;

fk::plan::program planned(const fk::solver::named& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 20},
                       solver);
}

void step(benchmark::State& state, const fk::solver::named& solver) {
  static std::map<std::size_t, memory<>> all;  // for all solvers
  const auto count = static_cast<std::size_t>(state.range(0));
  memory<>& tensors = all.try_emplace(count, count, 8, 1).first->second;
  const int burst = burst_of(count);
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
  while (state.KeepRunningBatch(burst)) {
    state.SetIterationTime(seconds_of([&] {
      for (int i = 0; i < burst; ++i)
        for (const auto& u : updates) fk::kernel::host::update(u.first, tensors.at(u.first), fk::noise::philox{});
    }));
    limits += seconds_of([&] {
      for (int i = 0; i < burst; ++i)
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
          ->Arg(1 << 14)
          ->Arg(1 << 24)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    } catch (const std::invalid_argument&) {  // the solver does not take these levels
    }
  return true;
}();

}  // namespace
