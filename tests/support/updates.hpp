// SPDX-License-Identifier: MIT
#pragma once

// Random updates and memory for the kernels.

#include <random>
#include <vector>

#include <fokker/kernel/instruction_set.hpp>
#include <fokker/kernel/operands.hpp>

namespace test {

/// Memory for the operands of an update, filled with normal numbers; copies have memory of their own.
template <class E>
struct memory {
  std::vector<std::vector<E>> inputs, rows;
  fokker::kernel::operands<E> at{};

  memory(const fokker::plan::update& u, std::size_t samples, std::size_t size, std::mt19937& random) {
    std::normal_distribution<E> value;
    at.samples = samples;
    at.size = size;
    for (int k = 0; k < u.input_count; ++k) {
      inputs.emplace_back(samples * size);
      for (E& v : inputs.back()) v = value(random);
    }
    for (int j = 0; j < u.row_count; ++j) rows.emplace_back(samples * size);
    point();
  }
  memory(const memory& other) : inputs(other.inputs), rows(other.rows), at(other.at) { point(); }
  memory& operator=(const memory&) = delete;

 private:
  void point() {
    for (std::size_t k = 0; k < inputs.size(); ++k) at.inputs[k] = inputs[k].data();
    for (std::size_t j = 0; j < rows.size(); ++j) at.rows[j] = rows[j].data();
  }
};

inline fokker::plan::update random_update(int inputs, int rows, int normals, std::mt19937& random) {
  std::uniform_real_distribution<double> weight(-2, 2);
  fokker::plan::update u{
      .input_count = inputs, .normal_count = normals, .row_count = rows, .inputs = {}, .normals = {}, .rows = {}};
  for (std::uint32_t q = 0; q < static_cast<std::uint32_t>(normals); ++q)
    u.normals[q] = {fokker::plan::normal::steps, 10 + q};
  for (auto& r : u.rows) {
    for (double& w : r.inputs) w = weight(random);
    for (double& w : r.earlier) w = weight(random);
    for (double& w : r.normals) w = weight(random);
  }
  return u;
}

/// Runs `check` with each instruction set that this processor has.
template <class Check>
void on_every_instruction_set(Check check) {
  using fokker::kernel::instruction_set;
  const auto best = fokker::kernel::best_instruction_set();
  for (const auto set : {instruction_set::portable, instruction_set::avx2, instruction_set::avx512})
    if (set <= best) {
      fokker::kernel::used_instruction_set() = set;
      check();
    }
  fokker::kernel::used_instruction_set() = best;
}

}  // namespace test
