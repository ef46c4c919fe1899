// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include <fokker/config.hpp>

namespace fokker::noise {

namespace exact {

// Operations that round once, on host and device; a product is only ever an operand of fma, of a product, or a result.
FOKKER_HD inline float fma(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}
FOKKER_HD inline float mul(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return a * b;
#endif
}
FOKKER_HD inline float sqrt(float a) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(a);
#else
  return std::sqrt(a);
#endif
}
FOKKER_HD inline std::uint32_t bits(float a) { return __builtin_bit_cast(std::uint32_t, a); }
FOKKER_HD inline float from_bits(std::uint32_t a) { return __builtin_bit_cast(float, a); }

}  // namespace exact

struct pair {
  float z0, z1;
};

/// sqrt(-2 log u) for u = (a/2 + 1/2) 2^-31 in [2^-32, 1], never 0: at most 6.66.
/// log u = e log 2 + log(1 + m) with m in [-1/3, 1/3]; -2 log(1 + m) = -2 m + m^2 Q(m), where Q is the minimax polynomial of
/// degree 7 in float coefficients, off by 2.1e-8 of the whole.
FOKKER_HD inline float radius(std::uint32_t a) {
  const float u = exact::fma(static_cast<float>(static_cast<std::int32_t>(a >> 1)), 0x1p-31f, 0x1p-32f);
  const std::uint32_t exponent = (exact::bits(u) - 0x3f2aaaabu) & 0xff800000u;
  const float m = exact::from_bits(exact::bits(u) - exponent) - 1.0f;
  const float e = static_cast<float>(static_cast<std::int32_t>(exponent));  // e 2^23
  float q = -0x1.32ec4ap-2f;
  q = exact::fma(q, m, 0x1.3a2714p-2f);
  q = exact::fma(q, m, -0x1.19e046p-2f);
  q = exact::fma(q, m, 0x1.507e42p-2f);
  q = exact::fma(q, m, -0x1.9a318ep-2f);
  q = exact::fma(q, m, 0x1.00110ap-1f);
  q = exact::fma(q, m, -0x1.5553dep-1f);
  q = exact::fma(q, m, 0x1.ffffeep-1f);
  const float linear = exact::fma(e, -0x1.62e430p-23f, exact::mul(-2.0f, m));
  return exact::sqrt(exact::fma(exact::mul(m, m), q, linear));
}

/// Two independent standard normals from two random words: radius times (cos, sin) of an angle. Box & Muller 1958.
/// The angle is y pi/4, y = (b mod 2^30) 2^-29 - 1 as a signed number in [-1, 1]; bit 30 of b swaps cosine and sine and bit 31
/// turns both round, which covers the circle once. Minimax polynomials of degree 7 (off by 3.5e-9) and 8 (off by 4.7e-10).
FOKKER_HD inline pair box_muller(std::uint32_t a, std::uint32_t b) {
  const float y = exact::mul(static_cast<float>(static_cast<std::int32_t>(b << 2)), 0x1p-31f);
  const float y2 = exact::mul(y, y);
  float s = -0x1.2da0bep-15f;
  s = exact::fma(s, y2, 0x1.465ee8p-9f);
  s = exact::fma(s, y2, -0x1.4abbbap-4f);
  s = exact::fma(s, y2, -0x1.a324e6p-26f);  // the low part of pi/4
  const float sine = exact::fma(y, 0x1.921fb6p-1f, exact::mul(y, s));
  float cosine = 0x1.d5101p-19f;
  cosine = exact::fma(cosine, y2, -0x1.55b2dep-12f);
  cosine = exact::fma(cosine, y2, 0x1.03c1bp-6f);
  cosine = exact::fma(cosine, y2, -0x1.3bd3ccp-2f);
  cosine = exact::fma(cosine, y2, 1.0f);
  const float r = exact::from_bits(exact::bits(radius(a)) ^ (b & 0x80000000u));
  const bool swapped = (b & 0x40000000u) != 0;
  return {exact::mul(r, swapped ? sine : cosine), exact::mul(r, swapped ? cosine : sine)};
}

}  // namespace fokker::noise
