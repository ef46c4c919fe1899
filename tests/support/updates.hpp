// SPDX-License-Identifier: MIT
#pragma once

// Random updates and memory for the kernels.

#include <algorithm>
#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

#include <fokker/detail/nth.hpp>
#include <fokker/kernel/instruction_set.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/philox.hpp>

namespace test {

/// Samples of outer x count x repeat elements, those of one place of the middle axis being a group.
struct grouped_samples {
  std::size_t samples, outer, count, repeat;
  [[nodiscard]] std::size_t size() const { return outer * count * repeat; }
  [[nodiscard]] fokker::kernel::grouping groups() const { return {count == 1 ? size() : repeat, count}; }
};

/// Memory for the operands of an update, filled with normal numbers; copies have memory of their own. Where the network
/// has a type of its own, every other operand is an output of it, and the last row goes to its input as well.
template <class E, class Network = E>
struct memory {
  std::vector<std::vector<E>> inputs, rows;
  std::vector<std::vector<Network>> outputs;
  std::vector<Network> copy;
  std::vector<std::vector<fokker::kernel::computed<E, Network>>> tables;
  fokker::kernel::operands<E, Network> at{};

  memory(const fokker::plan::update& u, std::size_t samples, std::size_t size, std::mt19937& random) {
    std::normal_distribution<double> value;
    at.samples = samples;
    at.size = size;
    for (int k = 0; k < u.input_count; ++k) {
      for (E& v : inputs.emplace_back(samples * size)) v = E(value(random));
      for (Network& v : outputs.emplace_back(samples * size)) v = Network(value(random));
    }
    for (int j = 0; j < u.row_count; ++j) rows.emplace_back(samples * size);
    if (!std::is_same_v<E, Network>) copy.resize(samples * size);
    at.copied = u.row_count - 1;
    point();
  }
  memory(const memory& other)
      : inputs(other.inputs),
        rows(other.rows),
        outputs(other.outputs),
        copy(other.copy),
        tables(other.tables),
        at(other.at) {
    point();
  }
  memory& operator=(const memory&) = delete;

  /// Memory for a table, which need not be as long as a sample; of all samples, or of each.
  void give_table(std::size_t i, std::size_t count, std::size_t repeat, bool each, std::mt19937& random) {
    std::uniform_real_distribution<double> value(-1, 1);
    auto& t = at.tables[i];
    t.count = count;
    t.repeat = repeat;
    t.stride = each ? count + random() % 2 : 0;
    tables.resize(std::max(tables.size(), i + 1));
    tables[i].resize((at.samples - 1) * t.stride + count);
    for (auto& v : tables[i]) v = static_cast<fokker::kernel::computed<E, Network>>(value(random));
    point();
  }
  /// Memory for all tables of an update: a number for each sample, channel, token or element, or any.
  void give_tables(const fokker::plan::update& u, std::mt19937& random) {
    const std::size_t size = at.size, kinds = random() % 6;
    for (std::size_t i = 0; i < u.tables.size(); ++i) switch (const bool each = random() % 2 == 0; (kinds + i) % 6) {
        case 0:
        case 1:
          give_table(i, 1, 1 + random() % size, true, random);
          break;
        case 2:
          give_table(i, 3, (size + 2) / 3, each, random);
          break;
        case 3:
          give_table(i, size, 1, each, random);
          break;
        default:
          give_table(i, 1 + random() % (size + 2), 1 + random() % 3, each, random);
      }
  }

 private:
  void point() {
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (std::is_same_v<E, Network> || k % 2 == 0)
        at.inputs[k] = inputs[k].data();
      else
        at.outputs[k] = outputs[k].data();
    }
    for (std::size_t j = 0; j < rows.size(); ++j) at.rows[j] = rows[j].data();
    at.copy = copy.empty() ? nullptr : copy.data();
    for (std::size_t i = 0; i < tables.size(); ++i) at.tables[i].values = tables[i].data();
  }
};

/// With `learned` the deviation of the first normal is learned now and then, from the last operand.
inline fokker::plan::update random_update(int inputs, int rows, int normals, std::mt19937& random,
                                          bool learned = false) {
  std::uniform_real_distribution<double> weight(-2, 2);
  fokker::plan::update u{
      .input_count = inputs, .normal_count = normals, .row_count = rows, .inputs = {}, .normals = {}, .rows = {}};
  for (std::uint32_t q = 0; q < static_cast<std::uint32_t>(normals); ++q)
    u.normals[q] = {{fokker::plan::normal::steps, 10 + q}};
  if (learned && normals > 0 && inputs > 0 && random() % 2 == 0) {
    u.normals[0].learned = inputs - 1;
    u.normals[0].slope = 0.2;
    u.normals[0].offset = -0.4;
  }
  for (auto& r : u.rows) {
    if (random() % 4 == 0) r.clamp = 1.5;
    for (double& w : r.inputs) w = weight(random);
    for (double& w : r.earlier) w = weight(random);
    for (double& w : r.normals) w = weight(random);
  }
  return u;
}

/// The same with tables for some of its weights, which are then still of magnitude 2 at most, if the tables' are 1.
inline fokker::plan::update tabled(fokker::plan::update u, std::mt19937& random) {
  using fokker::plan::factor;
  u.tables.resize(1 + random() % fokker::plan::max_tables);
  const auto give = [&](factor::operand of, int row, int index, double& weight) {
    if (random() % 2 == 0) return;
    u.factors.push_back({of, row, index, static_cast<int>(random() % u.tables.size()), weight / 2});
    weight = random() % 3 == 0 ? 0 : weight / 2;
  };
  for (int o = 0; o < u.row_count; ++o) {
    auto& r = fokker::detail::nth(u.rows, o);
    double beginning = 1;
    give(factor::one, o, 0, beginning);
    for (int k = 0; k < u.input_count; ++k) give(factor::input, o, k, fokker::detail::nth(r.inputs, k));
    for (int j = 0; j < o; ++j) give(factor::earlier, o, j, fokker::detail::nth(r.earlier, j));
    for (int q = 0; q < u.normal_count; ++q) give(factor::normal, o, q, fokker::detail::nth(r.normals, q));
  }
  return u;
}

/// Seeds of their own for each sample of a batch.
inline std::vector<fokker::noise::philox> random_seeds(std::size_t count, std::mt19937& random) {
  std::vector<fokker::noise::philox> seeds;
  for (std::size_t s = 0; s < count; ++s)
    seeds.push_back({.seed = random(), .first_sample = static_cast<std::uint32_t>(random())});
  return seeds;
}

/// Runs `check` with each instruction set that this processor has.
template <class Check>
void on_every_instruction_set(Check check) {
  using fokker::kernel::instruction_set;
  const auto best = fokker::kernel::best_instruction_set();
  const bool arm = best == instruction_set::neon;
  for (const auto set :
       {instruction_set::portable, instruction_set::neon, instruction_set::avx2, instruction_set::avx512})
    if (set <= best && (set != instruction_set::neon || arm)) {
      fokker::kernel::used_instruction_set() = set;
      check();
    }
  fokker::kernel::used_instruction_set() = best;
}

}  // namespace test
