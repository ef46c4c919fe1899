// SPDX-License-Identifier: MIT
#include <fokker/kernel/chain.hpp>

#include <bit>

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

TEST_CASE("a chain begins with -0, and a row without terms is +0", "[bits]") {
  fk::plan::update u{.input_count = 1, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {2};
  const fk::kernel::chain<float> c(u);
  CHECK(std::bit_cast<std::uint32_t>(c.begin[0]) == 0x80000000u);
  CHECK(std::bit_cast<std::uint32_t>(c.begin[1]) == 0);
}
