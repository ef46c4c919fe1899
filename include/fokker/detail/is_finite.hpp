// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

namespace fokker::inline v0::detail {

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
[[nodiscard]] constexpr bool is_nan(float value) {
  return (std::bit_cast<std::uint32_t>(value) & 0x7fffffffu) > 0x7f800000u;
}

/// What alpha, sigma and coefficients may be: float holds them times any normal, none of which is above 7.
inline constexpr double largest_number = 0x1p124;
[[nodiscard]] constexpr bool fits_float(double value) {
  return is_finite(value) && value >= -largest_number && value <= largest_number;
}

}  // namespace fokker::inline v0::detail
