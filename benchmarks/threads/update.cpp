// SPDX-License-Identifier: MIT
// The update and its limit by all threads that OpenMP gives: OMP_NUM_THREADS=2 for two.
#include <benchmark/benchmark.h>
#include <omp.h>

#include "../kernel/measured.hpp"

namespace {

using namespace measured;

void update(benchmark::State& state) {
  run(state, cfg_dpmpp_2m(), 6);
  state.counters["threads"] = omp_get_max_threads();
}
BENCHMARK(update)->Name("threads/update/cfg_dpmpp_2m")->Arg(1 << 24)->UseRealTime();

void limit(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  tensor a = filled(count, 0.5f), b = filled(count, 0.5f), c = filled(count, 0.25f), d = filled(count, 0.25f);
  const std::size_t parts = static_cast<std::size_t>(omp_get_max_threads()), part = count / parts;
  for (auto _ : state) {
#pragma omp parallel for schedule(static)
    for (std::size_t p = 0; p < parts; ++p) {
      native::in_place(a.data() + p * part, b.data() + p * part, part);
      native::in_place(c.data() + p * part, d.data() + p * part, part);
    }
    benchmark::ClobberMemory();
  }
  count_floats(state, 6);
  state.counters["threads"] = omp_get_max_threads();
}
BENCHMARK(limit)->Name("threads/limit/cfg_dpmpp_2m")->Arg(1 << 24)->UseRealTime();

}  // namespace
