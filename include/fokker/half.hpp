// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/config.hpp>

namespace fokker::inline v0 {

/// IEEE 754 binary16 as storage: 11 bits of precision, up to 65504. What is computed is computed in float.
/// The bits of _Float16 and __half. From float to the nearest, ties to even; a double is rounded to float first. A
/// device converts by an instruction of its own, which keeps no bits of a NaN.
struct half {
  std::uint16_t bits;

  half() = default;
  FOKKER_HD explicit half(float value) : bits(bits_of(value)) {}
  FOKKER_HD explicit half(double value) : half(static_cast<float>(value)) {}

  FOKKER_HD operator float() const {  // NOLINT(google-explicit-constructor): nothing is lost
#if defined(__CUDA_ARCH__)
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
#else
    const std::uint32_t sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
    if (magnitude > 0x7c00u)
      return __builtin_bit_cast(float, sign | 0x7fc00000u | magnitude << 13);  // a NaN, made quiet
    if (magnitude == 0x7c00u) return __builtin_bit_cast(float, sign | 0x7f800000u);
    if (magnitude < 0x400u)  // a multiple of 2^-24
      return __builtin_bit_cast(float,
                                sign | __builtin_bit_cast(std::uint32_t, static_cast<float>(magnitude) * 0x1p-24f));
    return __builtin_bit_cast(float, sign | ((magnitude << 13) + 0x38000000u));
#endif
  }

 private:
  FOKKER_HD static std::uint16_t bits_of(float value) {
#if defined(__CUDA_ARCH__)
    std::uint16_t nearest;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(nearest) : "f"(value));
    return nearest;
#else
    const auto x = __builtin_bit_cast(std::uint32_t, value);
    const std::uint32_t sign = x >> 16 & 0x8000u, magnitude = x & 0x7fffffffu;
    std::uint32_t rounded;
    if (magnitude > 0x7f800000u)
      rounded = 0x7e00u | (magnitude >> 13 & 0x3ffu);
    else if (magnitude >= 0x477ff000u)  // 65520, half way to what would come next
      rounded = 0x7c00u;
    else if (magnitude < 0x38800000u)  // below 2^-14: the sum with 1/2 rounds to multiples of 2^-24
      rounded = __builtin_bit_cast(std::uint32_t, __builtin_bit_cast(float, magnitude) + 0.5f) - 0x3f000000u;
    else
      rounded = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
    return static_cast<std::uint16_t>(sign | rounded);
#endif
  }
};

}  // namespace fokker::inline v0
