// SPDX-License-Identifier: MIT
// Where the time of normals goes, on AVX2: words and their transform alone, one after the other, and as the library
// has them, the words of the next normals amid the transform of the last; and what seven rounds would save.
#include <benchmark/benchmark.h>

#include <fokker/kernel/host.hpp>

#if defined(FOKKER_X86)

namespace {

namespace simd = fokker::kernel::avx2;
#define AVX2 __attribute__((target("avx2,fma,f16c")))

constexpr std::uint64_t key = 42;
constexpr std::size_t count = 1 << 10, run = 4 * simd::lanes;

AVX2 inline simd::counters counters(std::size_t i) {
  return simd::of_blocks(simd::places(), i / 4, simd::all(0u), simd::all(1u), simd::all(1u));
}

template <std::uint32_t Rounds>
AVX2 void words(float* to) {
  for (std::size_t i = 0; i < count; i += run) {
    simd::counters c = counters(i);
    simd::words w[4];
    simd::rounds(c, key, 0, Rounds - 1);
    simd::last_round(c, key, w);
    for (std::size_t k = 0; k < 4; ++k) simd::store(to + i + k * simd::lanes, simd::from_bits(w[k]));
  }
}

AVX2 void box_muller(float* to) {  // in place, of whatever lies there
  for (std::size_t i = 0; i < count; i += run) {
    simd::words w[4];
    for (std::size_t k = 0; k < 4; ++k) w[k] = simd::bits(simd::load(to + i + k * simd::lanes));
    simd::last_vectors(w, to + i);
  }
}

AVX2 void one_after_the_other(float* to) {
  for (std::size_t i = 0; i < count; i += run) {
    simd::words w[4];
    simd::first_words(counters(i), key, w);
    simd::last_vectors(w, to + i);
  }
}

void ten_rounds(float* to) { simd::normals(to, count, 0, 0, 1, 1, key); }

AVX2 void seven_rounds(float* to) {
  simd::counters first = counters(0);
  simd::words w[4];
  simd::rounds(first, key, 0, 6);
  simd::last_round(first, key, w);
  for (std::size_t i = 0; i < count; i += run) {
    simd::counters next = counters(i + run);
    simd::floats z[4];
    simd::rounds(next, key, 0, 2);
    simd::box_muller(w[0], w[1], z[0], z[1]);
    simd::rounds(next, key, 2, 4);
    simd::box_muller(w[2], w[3], z[2], z[3]);
    simd::rounds(next, key, 4, 6);
    simd::last_round(next, key, w);
    simd::store_blocks(z, to + i);
  }
}

template <void (*Draw)(float*)>
void measure(benchmark::State& state) {
  if (fokker::kernel::best_instruction_set() < fokker::kernel::instruction_set::avx2)
    return state.SkipWithError("this processor has no AVX2");
  alignas(64) float z[count + run] = {};
  for (auto _ : state) {
    Draw(z);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(measure<words<10>>)->Name("words/ten_rounds");
BENCHMARK(measure<words<7>>)->Name("words/seven_rounds");
BENCHMARK(measure<box_muller>)->Name("transform/box_muller");
BENCHMARK(measure<one_after_the_other>)->Name("normals/one_after_the_other");
BENCHMARK(measure<ten_rounds>)->Name("normals/ten_rounds");
BENCHMARK(measure<seven_rounds>)->Name("normals/seven_rounds");

}  // namespace

#endif
