// SPDX-License-Identifier: MIT
// A number of one sample, beside the memory that it reads: sums, the largest magnitude, and a quantile of magnitudes,
// which reads its operand a few times.
#include <benchmark/benchmark.h>

#include <random>

#include "measured.hpp"

namespace {

using namespace measured;
using fk::kernel::host;

/// Normals, as a network's outputs are: a tree of the same numbers again and again would be learned by heart.
tensor normals(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  tensor t = tensor::from_shape({count});
  for (float& v : t) v = value(random);
  return t;
}

template <int Streams, class Reduction>
void reduced(benchmark::State& state, const Reduction& of) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const tensor a = normals(count, 1), b = normals(count, 2);
  double result[2] = {};
  for (auto _ : state) {
    of(a.data(), b.data(), count, result);
    benchmark::DoNotOptimize(result);
  }
  count_floats(state, Streams);
}

void dot(benchmark::State& state) {
  reduced<2>(state,
             [](const float* a, const float* b, std::size_t count, double* to) { host::dot(a, b, 1, count, to); });
}
void norm(benchmark::State& state) {
  reduced<1>(state, [](const float* a, const float*, std::size_t count, double* to) { host::norm(a, 1, count, to); });
}
void largest(benchmark::State& state) {
  reduced<1>(state,
             [](const float* a, const float*, std::size_t count, double* to) { host::largest(a, 1, count, to); });
}
/// The mean, and then the distances from it.
void moments(benchmark::State& state) {
  reduced<2>(state, [](const float* a, const float*, std::size_t count, double* to) {
    fk::kernel::moments found;
    host::moments(a, 1, count, &found);
    to[0] = found.mean, to[1] = found.variance;
  });
}
void quantile(benchmark::State& state) {
  reduced<1>(state, [](const float* a, const float*, std::size_t count, double* to) {
    host::quantile(a, 1, count, 0.995, to);
  });
}
BENCHMARK(dot)->Name("reductions/dot")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK(norm)->Name("reductions/norm")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK(largest)->Name("reductions/largest")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK(moments)->Name("reductions/moments")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK(quantile)->Name("reductions/quantile")->Arg(1 << 14)->Arg(1 << 24);

template <int Streams>
void limit_reductions(benchmark::State& state) {
  reduced<Streams>(state, [](const float* a, const float* b, std::size_t count, double* to) {
    const float* streams[] = {a, b};
    to[0] = static_cast<double>(native::sum(streams, Streams, count));
  });
}
BENCHMARK(limit_reductions<1>)->Name("limit/reductions_of_one")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK(limit_reductions<2>)->Name("limit/reductions_of_two")->Arg(1 << 14)->Arg(1 << 24);

}  // namespace
