// SPDX-License-Identifier: MIT
// Measures beside the memory that they read: how much of one operand is in another, as rules ask for; one dot, and five
// sums of two rows of three, which no rule does, of a sample or of its 4 channels or of the positions over these;
// points of 2; and a tape of 12 operations for each of these.
#include <benchmark/benchmark.h>

#include <vector>

#include "measured.hpp"

namespace {

namespace fk = fokker;
using namespace measured;
using fk::plan::operation;

fk::plan::measure one_dot() {
  fk::plan::measure m;
  m.form = {.input_count = 2, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  m.form.inputs[1] = {fk::plan::operand::output, 0};
  m.form.rows[0].inputs = {1, 0};
  m.form.rows[1].inputs = {0, 1};
  m.of = {{.what = fk::plan::measured::dot, .a = 0, .b = 1, .over = {}}};
  return m;
}

/// c·u and u·u, of which guidance::cfg_zero_star makes a part of u.
fk::plan::measure part_of_another() {
  fk::plan::measure m = one_dot();
  m.of.push_back({.what = fk::plan::measured::dot, .a = 1, .b = 1, .over = {}});
  return m;
}

fk::plan::measure five_sums() {
  using fk::plan::measured;
  fk::plan::measure m = one_dot();
  m.form.input_count = 3;
  m.form.inputs[2] = {fk::plan::operand::output, 1};
  m.form.rows[0].inputs = {1.1, -0.4, 0};
  m.form.rows[1].inputs = {0, -0.4, 0.4};
  m.of = {{.what = measured::dot, .a = 0, .b = 0, .over = {}},
          {.what = measured::dot, .a = 0, .b = 1, .over = {}},
          {.what = measured::dot, .a = 1, .b = 1, .over = {}},
          {.what = measured::sum, .a = 0, .over = {}},
          {.what = measured::sum, .a = 1, .over = {}}};
  return m;
}

/// Two quotients, a root and what a rule does beside them, of a number that is found.
fk::plan::measure tape() {
  fk::plan::measure m = one_dot();
  m.tape = {{.what = operation::found, .index = 0},
            {.what = operation::constant, .value = 1},
            {.what = operation::multiply, .a = 0, .b = 0},
            {.what = operation::add, .a = 2, .b = 1},
            {.what = operation::root, .a = 3},
            {.what = operation::quotient, .a = 0, .b = 4, .c = 1},
            {.what = operation::subtract, .a = 5, .b = 1},
            {.what = operation::quotient, .a = 6, .b = 3, .c = 1},
            {.what = operation::least, .a = 7, .b = 1},
            {.what = operation::multiply, .a = 8, .b = 4},
            {.what = operation::add, .a = 9, .b = 5},
            {.what = operation::store, .a = 10, .index = 0}};
  return m;
}

enum class along { samples, channels, positions, points };

/// All floats of the state's first argument as one sample, or as points.
void measures(benchmark::State& state, const fk::plan::measure& m, along what) {
  const auto all = static_cast<std::size_t>(state.range(0));
  memory<> tensors(all, 1, 2);
  auto at = tensors.at(m.form);
  at.rows.fill(nullptr);
  at.size = what == along::points ? 2 : all;
  at.samples = all / at.size;
  const fk::kernel::grouping groups = what == along::channels    ? fk::kernel::grouping{all / 4, 4}
                                      : what == along::positions ? fk::kernel::grouping{1, all / 4}
                                                                 : fk::kernel::grouping{at.size, 1};
  const std::vector<fk::kernel::grouping> over(m.of.size(), groups);
  std::vector<double> numbers(m.of.size() * at.samples * groups.count);
  std::vector<float> table(at.samples * groups.count);
  std::vector<fk::kernel::scalars<double>> found;
  for (std::size_t i = 0; i < m.of.size(); ++i)
    found.push_back({numbers.data() + i * at.samples * groups.count, groups.count, groups.count});
  const fk::kernel::scalars<float> tables[] = {{table.data(), groups.count, groups.count}};
  for (auto _ : state) {
    fk::kernel::host::measure(m, at, fk::noise::philox{.seed = 1}, {over, found, {}, tables, at.size}, 0, at.samples);
    benchmark::ClobberMemory();
  }
  count_floats(state, m.form.input_count);
}

BENCHMARK_CAPTURE(measures, part, part_of_another(), along::samples)->Name("measures/part")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(measures, dot, one_dot(), along::samples)->Name("measures/dot")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(measures, five, five_sums(), along::samples)->Name("measures/five")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(measures, five_channels, five_sums(), along::channels)
    ->Name("measures/five_channels")
    ->Arg(1 << 14)
    ->Arg(1 << 24);
BENCHMARK_CAPTURE(measures, five_positions, five_sums(), along::positions)
    ->Name("measures/five_positions")
    ->Arg(1 << 14)
    ->Arg(1 << 24);
BENCHMARK_CAPTURE(measures, points, one_dot(), along::points)->Name("measures/points")->Arg(1 << 14)->Arg(1 << 21);
BENCHMARK_CAPTURE(measures, points_tape, tape(), along::points)
    ->Name("measures/points_tape")
    ->Arg(1 << 14)
    ->Arg(1 << 21);

/// The same operands, each read once.
void limit_measures(benchmark::State& state, std::size_t inputs) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::vector<tensor> operands(inputs, filled(count, 0.5f));
  std::vector<const float*> at;
  for (const tensor& t : operands) at.push_back(t.data());
  for (auto _ : state) benchmark::DoNotOptimize(native::sum(at.data(), inputs, count));
  count_floats(state, static_cast<std::int64_t>(inputs));
}
BENCHMARK_CAPTURE(limit_measures, two, 2)->Name("limit/measures_of_two")->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(limit_measures, three, 3)->Name("limit/measures_of_three")->Arg(1 << 14)->Arg(1 << 24);

}  // namespace
