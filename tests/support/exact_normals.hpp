// SPDX-License-Identifier: MIT
#pragma once

// Box and Muller's normals in long double, from the same words, and how far floats are from them.

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

#include <fokker/detail/is_finite.hpp>

namespace test {

// The distance of a float from an exact value, in units in the last place of the latter; infinite for what is no
// number.
inline double ulps(float value, long double exact) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!fokker::detail::is_finite(value)) return infinity;
  if (exact == 0) return value == 0 ? 0 : infinity;
  const long double last_place = std::ldexp(1.0L, std::ilogb(exact) - 23);
  return static_cast<double>(std::abs(value - exact) / last_place);
}

// From the same float uniform.
inline long double exact_radius(std::uint32_t a) {
  const float u = std::fma(static_cast<float>(a >> 1), 0x1p-31f, 0x1p-32f);
  return std::sqrt(-2 * std::log(static_cast<long double>(u)));
}

// From the same float angle: the low 30 bits as a signed number.
inline std::pair<long double, long double> exact_direction(std::uint32_t b) {
  const std::int32_t low = static_cast<std::int32_t>(b << 2) / 4;
  const long double angle = std::numbers::pi_v<long double> / 4 * static_cast<float>(low) / 0x1p29L;
  long double x = std::cos(angle), y = std::sin(angle);
  if (b >> 30 & 1) std::swap(x, y);
  if (b >> 31) x = -x, y = -y;
  return {x, y};
}

}  // namespace test
