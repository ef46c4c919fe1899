// SPDX-License-Identifier: MIT
// What planning costs, before any tensor is touched.
#include <benchmark/benchmark.h>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

void plan_steps(benchmark::State& state) {
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::karras grid{.steps = static_cast<int>(state.range(0))};
  for (auto _ : state) {
    auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::dpmpp_2m{},
                              fk::guidance::classifier_free{.scale = 7.5});
    benchmark::DoNotOptimize(plan);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(plan_steps)->Name("plan")->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
