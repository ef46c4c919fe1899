// SPDX-License-Identifier: MIT
#include <fokker/kernel/operands.hpp>

#include "support/catch.hpp"

TEST_CASE("operands have room for the largest update, and point nowhere until they are told") {
  const fokker::kernel::operands<float> at;
  CHECK(at.inputs.size() == fokker::plan::max_inputs);
  CHECK(at.rows.size() == fokker::plan::max_rows);
  for (const float* input : at.inputs) CHECK(input == nullptr);
  for (const float* row : at.rows) CHECK(row == nullptr);
  CHECK(at.tables.size() == fokker::plan::max_tables);
  for (const auto& t : at.tables) CHECK(t.values == nullptr);
  CHECK(at.samples * at.size == 0);
}

TEST_CASE("a part of a batch has its operands, copy and tables from its first sample on") {
  double values[40];
  float memory[30], outputs[30];
  fokker::kernel::operands<double, float> at;
  at.samples = 5;
  at.size = 3;
  at.inputs[1] = values;
  at.outputs[2] = outputs;
  at.rows[1] = values + 15;
  at.copy = memory;
  at.copied = 1;
  at.tables[0] = {.values = values, .repeat = 3, .count = 1, .stride = 4};
  at.tables[1] = {.values = values, .repeat = 1, .count = 3, .stride = 0};  // the same for all samples
  const auto part = part_of(at, 2, 3);
  CHECK(part.samples == 3);
  CHECK(part.size == 3);
  CHECK(part.inputs[1] == values + 6);
  CHECK(part.outputs[2] == outputs + 6);
  CHECK(part.rows[1] == values + 15 + 6);
  CHECK(part.copy == memory + 6);
  CHECK(part.copied == 1);
  CHECK(part.tables[0].values == values + 8);
  CHECK(part.tables[1].values == values);
  // What is nowhere stays there.
  CHECK(part.inputs[0] == nullptr);
  CHECK(part.outputs[1] == nullptr);
  CHECK(part.rows[0] == nullptr);
  CHECK(part.tables[2].values == nullptr);
  at.copy = nullptr;
  CHECK(part_of(at, 2, 3).copy == nullptr);
}
