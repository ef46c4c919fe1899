// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

namespace fokker::detail {

// Tested on the bits: -ffast-math lets a compiler take std::isnan and std::isfinite for granted.
[[nodiscard]] constexpr bool is_finite(double value) {
  return (~std::bit_cast<std::uint64_t>(value) & 0x7ff0000000000000u) != 0;
}
[[nodiscard]] constexpr bool is_finite(float value) {
  return (~std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0;
}
[[nodiscard]] constexpr bool is_nan(double value) {
  return (std::bit_cast<std::uint64_t>(value) & 0x7fffffffffffffffu) > 0x7ff0000000000000u;
}

}  // namespace fokker::detail
