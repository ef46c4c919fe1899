// SPDX-License-Identifier: MIT
// Updates of three operands whose weights have tables, beside the same without and the limit of the memory: samples of
// 16 Ki floats in 4 channels, and points of 2, whose plain alternative is an update for each.
#include <benchmark/benchmark.h>

#include <span>

#include "measured.hpp"

namespace {

namespace fk = fokker;
using namespace measured;

fk::plan::update three_to_one(int factors) {
  fk::plan::update u{.input_count = 3, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.inputs[1] = {fk::plan::operand::output, 0};
  u.inputs[2] = {fk::plan::operand::output, 1};
  u.rows[0].inputs = {0.9, 0.3, -0.2};
  if (factors > 0) u.tables = {0};
  for (int k = 0; k < factors; ++k)
    u.factors.push_back({.of = fk::plan::factor::input, .row = 0, .index = 2 - k, .table = 0, .by = 0.1});
  return u;
}

enum class along { nothing, samples, channels, elements };

/// All floats of the state's first argument in samples of so many.
void tables(benchmark::State& state, along what, std::size_t size) {
  const fk::plan::update u = three_to_one(what == along::nothing ? 0 : 2);
  const auto all = static_cast<std::size_t>(state.range(0));
  memory<> tensors(all, 2, 2);
  const std::size_t count = what == along::channels ? 4 : what == along::elements ? size : 1;
  const std::vector<float> values(all / size * count, 0.5f);
  for (auto _ : state) {
    auto at = tensors.at(u);
    at.samples = all / size;
    at.size = size;
    at.tables[0] = {values.data(), size / count, count, count};
    fk::kernel::host::update(u, at, fk::noise::philox{.seed = 1});
    benchmark::ClobberMemory();
  }
  count_floats(state, touched(u));
}

BENCHMARK_CAPTURE(tables, nothing, along::nothing, 1 << 14)->Name("tables/nothing")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(tables, samples, along::samples, 1 << 14)->Name("tables/samples")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(tables, channels, along::channels, 1 << 14)->Name("tables/channels")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(tables, elements, along::elements, 1 << 14)->Name("tables/elements")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(tables, points, along::nothing, 2)->Name("points/nothing")->Arg(1 << 14)->Arg(1 << 21);
BENCHMARK_CAPTURE(tables, points_samples, along::samples, 2)->Name("points/samples")->Arg(1 << 14)->Arg(1 << 21);
BENCHMARK_CAPTURE(tables, points_elements, along::elements, 2)->Name("points/elements")->Arg(1 << 14)->Arg(1 << 21);

void limit_tables(benchmark::State& state) { run_limit(state, three_to_one(0)); }
BENCHMARK(limit_tables)->Name("limit/tables")->Arg(1 << 14)->Arg(1 << 24);

}  // namespace
