// SPDX-License-Identifier: MIT
#include <fokker/half.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

#include "support/catch.hpp"

using fokker::half;

namespace {
half of_bits(unsigned bits) { return std::bit_cast<half>(static_cast<std::uint16_t>(bits)); }
/// What the bits stand for by the definition of binary16, without one of its conversions.
double value(unsigned bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31), mantissa = static_cast<int>(bits & 1023);
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}
}  // namespace

TEST_CASE("every finite half is the number of its bits, and comes back as it was") {
  bool same = true;
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    if ((bits >> 10 & 31) == 31) continue;
    const float wide = of_bits(bits);
    same = same && static_cast<double>(wide) == value(bits) && half(wide).bits == bits;
  }
  CHECK(same);
}

TEST_CASE("floats go to the nearest half, ties to the even one") {
  bool near = true;
  for (unsigned bits = 0; bits + 1 < 0x7c00; ++bits) {
    const auto middle = static_cast<float>((value(bits) + value(bits + 1)) / 2);
    const unsigned even = bits + (bits & 1);
    near = near && half(middle).bits == even && half(std::nextafter(middle, 0.0f)).bits == bits &&
           half(std::nextafter(middle, 1e9f)).bits == bits + 1 && half(-middle).bits == (even | 0x8000);
  }
  CHECK(near);
}

TEST_CASE("what is too large for a half is infinite, and NaN stays NaN", "[bits]") {
  CHECK(half(65519.0f).bits == 0x7bff);
  CHECK(half(65520.0f).bits == 0x7c00);
  CHECK(half(-1e30f).bits == 0xfc00);
  CHECK(std::isinf(static_cast<float>(of_bits(0x7c00))));
  CHECK(std::isnan(static_cast<float>(of_bits(0x7c01))));
  CHECK(std::isnan(static_cast<float>(half(std::nanf("")))));
}
