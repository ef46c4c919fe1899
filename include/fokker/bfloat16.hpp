// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/config.hpp>

namespace fokker::inline v0 {

/// The upper half of a float as storage: 8 bits of precision and float's range. What is computed is computed in float.
/// The bits of __nv_bfloat16. From float to the nearest, ties to even; a double is rounded to float first. A device
/// rounds by an instruction of its own, which keeps no bits of a NaN.
struct bfloat16 {
  std::uint16_t bits;

  bfloat16() = default;
  FOKKER_HD explicit bfloat16(float value) : bits(bits_of(value)) {}
  FOKKER_HD explicit bfloat16(double value) : bfloat16(static_cast<float>(value)) {}

  FOKKER_HD operator float() const {  // NOLINT(google-explicit-constructor): nothing is lost
    return __builtin_bit_cast(float, std::uint32_t{bits} << 16);
  }

 private:
  FOKKER_HD static std::uint16_t bits_of(float value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    std::uint16_t nearest;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(nearest) : "f"(value));
    return nearest;
#else
    const auto x = __builtin_bit_cast(std::uint32_t, value);
    if ((x & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(x >> 16 | 0x40u);  // a NaN, made quiet
    return static_cast<std::uint16_t>((x + 0x7fffu + (x >> 16 & 1u)) >> 16);
#endif
  }
};

}  // namespace fokker::inline v0
