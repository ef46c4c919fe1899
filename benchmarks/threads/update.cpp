// SPDX-License-Identifier: MIT
// The update and its limit by all threads that OpenMP gives: OMP_NUM_THREADS=2 for two.
#include <benchmark/benchmark.h>
#include <omp.h>

#include "../kernel/measured.hpp"

namespace {

using namespace measured;

void update(benchmark::State& state) {
  run(state, cfg_dpmpp_2m());
  state.counters["threads"] = omp_get_max_threads();
}
BENCHMARK(update)->Name("threads/update/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24)->UseRealTime();

void limit_of_all(benchmark::State& state) {
  run_limit(state, cfg_dpmpp_2m(), static_cast<std::size_t>(omp_get_max_threads()));
  state.counters["threads"] = omp_get_max_threads();
}
BENCHMARK(limit_of_all)->Name("threads/limit/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24)->UseRealTime();

}  // namespace
