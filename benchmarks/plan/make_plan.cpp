// SPDX-License-Identifier: MIT
// What planning costs, before any tensor is touched: it grows as the steps do.
#include <benchmark/benchmark.h>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

template <class Plan>
void plan_steps(benchmark::State& state, Plan planned) {
  for (auto _ : state) {
    auto plan = planned(static_cast<int>(state.range(0)));
    benchmark::DoNotOptimize(plan);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void plan_guided(benchmark::State& state) {
  plan_steps(state, [schedule = fk::schedule::scaled_linear()](int steps) {
    return fk::make_plan(schedule, fk::parameterization::epsilon{}, fk::grid::karras{.steps = steps},
                         fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 7.5});
  });
}
BENCHMARK(plan_guided)->Name("plan")->RangeMultiplier(10)->Range(1'000, 100'000)->Unit(benchmark::kMillisecond);

void plan_ddim(benchmark::State& state) {
  plan_steps(state, [](int steps) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = steps},
                         fk::solver::ddim{});
  });
}
BENCHMARK(plan_ddim)->Name("plan/ddim")->RangeMultiplier(10)->Range(1'000, 100'000)->Unit(benchmark::kMillisecond);

// A solver that asks at each step whether the path is straight.
void plan_straight(benchmark::State& state) {
  plan_steps(state, [](int steps) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = steps},
                         fk::solver::euler{});
  });
}
BENCHMARK(plan_straight)->Name("plan/euler")->RangeMultiplier(10)->Range(1'000, 100'000)->Unit(benchmark::kMillisecond);

void plan_previews(benchmark::State& state) {
  plan_steps(state, [](int steps) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = steps},
                         fk::solver::heun{}, {.preview = true});
  });
}
BENCHMARK(plan_previews)
    ->Name("plan/heun_previews")
    ->RangeMultiplier(10)
    ->Range(1'000, 100'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
