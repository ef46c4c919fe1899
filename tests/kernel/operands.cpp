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
