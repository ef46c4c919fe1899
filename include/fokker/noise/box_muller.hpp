// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

#include <fokker/config.hpp>

// Two uniform words to two independent normals (Box & Muller 1958):
//
//   (x, y) = sqrt(-2 log u) (cos theta, sin theta).
//
// Only correctly rounded operations occur, every product that meets an addition is an fma, and no
// value is subnormal: the bits are the same on every compiler and device, short of -ffast-math.

namespace fokker::inline v0::detail {

FOKKER_HD inline float fma_rn(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}

FOKKER_HD inline double fma_rn(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
  return __fma_rn(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}

FOKKER_HD inline float sqrt_rn(float a) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(a);
#else
  return std::sqrt(a);
#endif
}

/// A product that compilers, by default, do not fuse with an addition of the caller's: it would
/// then not be the stored normal that is added. Adding -0 keeps the sign of zero.
FOKKER_HD inline float mul_rn(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fmul_rn(a, b);
#else
  return std::fma(a, b, -0.0f);
#endif
}

}  // namespace fokker::inline v0::detail

namespace fokker::inline v0::noise {

struct point {
  float x, y;
};

/// sqrt(-2 log u) for u = (a >> 1) 2^-31 + 2^-32, rounded to float: within [2^-32, 1].
FOKKER_HD inline float radius(std::uint32_t a) {
  using detail::fma_rn;
  const float u = fma_rn(static_cast<float>(static_cast<std::int32_t>(a >> 1)), 0x1p-31f, 0x1p-32f);

  // u = 2^k (1 + m) with 1 + m in [2/3, 4/3); as integers 0x3f2aaaab is 2/3 and e = 2^23 k.
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, u);
  const std::uint32_t e = (bits - 0x3f2aaaabu) & 0xff800000u;
  const float m = __builtin_bit_cast(float, bits - e) - 1.0f;

  // -2 log(1 + m) = -2 m + m^2 q(m). The error of q, minimax over u <= 1 with each coefficient
  // rounded before the next is fitted, moves -2 log u by less than 2.1e-8 of itself.
  float q = -0x1.32f18ap-2f;
  q = fma_rn(q, m, 0x1.3a24e6p-2f);
  q = fma_rn(q, m, -0x1.19df3ap-2f);
  q = fma_rn(q, m, 0x1.507eap-2f);
  q = fma_rn(q, m, -0x1.9a319cp-2f);
  q = fma_rn(q, m, 0x1.001108p-1f);
  q = fma_rn(q, m, -0x1.5553dep-1f);
  q = fma_rn(q, m, 0x1.ffffeep-1f);

  // The octaves are added last: the sum then rounds at its own size (radius within 1.05 ulp of every u).
  constexpr float minus_2_log_2 = -0x1.62e43p-23f;  // for a unit of e, 2^-23 of an octave
  const float octaves = static_cast<float>(static_cast<std::int32_t>(e));
  return detail::sqrt_rn(fma_rn(octaves, minus_2_log_2, fma_rn(m * m, q, -2.0f * m)));
}

/// A point of the unit circle. The low 30 bits of b, as a signed fraction v in [-1, 1], are the
/// angle pi/4 v; bit 30 mirrors the point in the diagonal and bit 31 in the origin, so that the
/// words go evenly round the circle.
FOKKER_HD inline point direction(std::uint32_t b) {
  using detail::fma_rn;
  const float v = static_cast<float>(static_cast<std::int32_t>(b << 2)) * 0x1p-31f;
  const float t = v * v;

  // sin(pi/4 v) = v (c + p(t)), c = pi/4 rounded: relative error below 3.5e-9.
  float p = -0x1.2da156p-15f;
  p = fma_rn(p, t, 0x1.465eeap-9f);
  p = fma_rn(p, t, -0x1.4abbbap-4f);
  p = fma_rn(p, t, -0x1.a32b8ap-26f);
  const float sine = fma_rn(v, 0x1.921fb6p-1f, v * p);

  // cos(pi/4 v): relative error below 4.4e-10.
  float cosine = 0x1.d4f7eep-19f;
  cosine = fma_rn(cosine, t, -0x1.55b2b6p-12f);
  cosine = fma_rn(cosine, t, 0x1.03c1bp-6f);
  cosine = fma_rn(cosine, t, -0x1.3bd3ccp-2f);
  cosine = fma_rn(cosine, t, 1.0f);

  const bool mirror = (b >> 30 & 1u) != 0;
  const float x = mirror ? sine : cosine;
  const float y = mirror ? cosine : sine;
  return b >> 31 != 0 ? point{-x, -y} : point{x, y};
}

FOKKER_HD inline point box_muller(std::uint32_t a, std::uint32_t b) {
  const float r = radius(a);
  const point n = direction(b);
  return {detail::mul_rn(r, n.x), detail::mul_rn(r, n.y)};
}

}  // namespace fokker::inline v0::noise
