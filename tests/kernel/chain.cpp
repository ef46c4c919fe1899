// SPDX-License-Identifier: MIT
#include <fokker/kernel/chain.hpp>

#include <bit>
#include <cmath>

#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("a chain holds the weights that count, rounded once") {
  fk::plan::update u{.input_count = 1, .normal_count = 1, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {0.1, 7};     // the second input is none of this update's
  u.rows[1].earlier = {0.3, 5};    // a row is not earlier than itself
  u.rows[1].normals = {1e-60, 9};  // too small for a float
  const fk::kernel::chain<float> c(u);
  CHECK(c.of_input[0][0] == 0.1f);
  CHECK(c.of_input[1][0] == 0);
  CHECK(c.of_row[0][1] == 0.3f);
  CHECK(c.of_row[1][1] == 0);
  CHECK(c.of_normal[0][1] == 0);
  CHECK(c.of_normal[1][1] == 0);
  CHECK(fk::kernel::chain<double>(u).of_normal[0][1] == 1e-60);
}

TEST_CASE("weights that have a table count, and fold into a chain that has none", "[bits]") {
  fk::plan::update u{.input_count = 2, .normal_count = 1, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {0.1};
  u.tables = {3, 5};
  u.factors = {{.of = fk::plan::factor::input, .row = 0, .index = 0, .table = 0, .by = 0.3},
               {.of = fk::plan::factor::input, .row = 0, .index = 1, .table = 1, .by = 0.7},
               {.of = fk::plan::factor::earlier, .row = 1, .index = 0, .table = 1, .by = 2},
               {.of = fk::plan::factor::normal, .row = 1, .index = 0, .table = 0, .by = -1},
               {.of = fk::plan::factor::one, .row = 1, .index = 0, .table = 0, .by = 0.6}};
  const fk::kernel::chain<float> c(u);
  CHECK(c.tabled());
  CHECK(c.uses[0]);
  CHECK(c.uses[1]);
  CHECK_FALSE(c.uses[2]);
  CHECK(c.reads[1]);
  CHECK(static_cast<int>(c.input[1][0]) == 1);
  CHECK(c.by_input[1][0] == 0.7f);
  CHECK(std::bit_cast<std::uint32_t>(c.of_input[1][0]) == 0x80000000u);
  CHECK(std::bit_cast<std::uint32_t>(c.begin[1]) == 0x80000000u);

  const fk::kernel::chain<float> folded = c.folded(u.factors, [](int table) { return table == 0 ? 0.9f : 0.0f; });
  CHECK_FALSE(folded.tabled());
  CHECK(folded.of_input[0][0] == std::fma(0.3f, 0.9f, 0.1f));
  CHECK(folded.of_input[1][0] == 0);
  CHECK(folded.input[1][0] == fk::kernel::part::weighted);  // still in the chain
  CHECK(folded.of_normal[0][1] == -0.9f);
  CHECK(folded.begin[1] == 0.6f * 0.9f);
  CHECK(std::bit_cast<std::uint32_t>(folded.of_row[0][1]) == 0);  // 2 * 0 - 0
}

TEST_CASE("a chain begins with -0, and a row without terms is +0", "[bits]") {
  fk::plan::update u{.input_count = 1, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {2};
  const fk::kernel::chain<float> c(u);
  CHECK(std::bit_cast<std::uint32_t>(c.begin[0]) == 0x80000000u);
  CHECK(std::bit_cast<std::uint32_t>(c.begin[1]) == 0);
}
