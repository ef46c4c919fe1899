// SPDX-License-Identifier: MIT
#include <fokker/bfloat16.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

#include "support/catch.hpp"

using fokker::bfloat16;

namespace {
bfloat16 of_bits(unsigned bits) { return std::bit_cast<bfloat16>(static_cast<std::uint16_t>(bits)); }
}  // namespace

TEST_CASE("every bfloat16 is the float of its bits, and comes back as it was") {
  bool same = true;
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7fff) > 0x7f80) continue;
    const float wide = of_bits(bits);
    same = same && std::bit_cast<std::uint32_t>(wide) == bits << 16 && bfloat16(wide).bits == bits;
  }
  CHECK(same);
}

TEST_CASE("floats go to the nearest bfloat16, ties to the even one") {
  bool near = true;
  for (unsigned bits = 0; bits < 0x7f80; ++bits) {
    const auto wide = [](unsigned b) { return std::bit_cast<float>(b); };
    const unsigned middle = (bits << 16) + 0x8000, even = bits + (bits & 1);
    near = near && bfloat16(wide(middle)).bits == even && bfloat16(wide(middle - 1)).bits == bits &&
           bfloat16(wide(middle + 1)).bits == bits + 1 && bfloat16(-wide(middle)).bits == (even | 0x8000);
  }
  CHECK(near);
}

TEST_CASE("what is too large for a bfloat16 is infinite, and NaN stays NaN", "[bits]") {
  CHECK(bfloat16(3.4e38f).bits == 0x7f80);
  CHECK(std::isnan(static_cast<float>(bfloat16(std::bit_cast<float>(0x7f800001u)))));
  CHECK(std::isnan(static_cast<float>(of_bits(0xff81))));
}
