// SPDX-License-Identifier: MIT
// Vectors of 4 floats or 2 doubles, which every 64-bit ARM has. Included by simd.hpp into a namespace of its own.

using words = uint32x4_t;
using floats = float32x4_t;
struct doubles {
  float64x2_t v;
};
inline constexpr std::size_t lanes = 4;

FOKKER_SIMD words bits(floats a) { return vreinterpretq_u32_f32(a); }
FOKKER_SIMD floats from_bits(words a) { return vreinterpretq_f32_u32(a); }

FOKKER_SIMD words all(std::uint32_t w) { return vdupq_n_u32(w); }
FOKKER_SIMD words load(const std::uint32_t* p) { return vld1q_u32(p); }
FOKKER_SIMD words add(words a, words b) { return vaddq_u32(a, b); }
FOKKER_SIMD words sub(words a, words b) { return vsubq_u32(a, b); }
FOKKER_SIMD words both(words a, words b) { return vandq_u32(a, b); }
FOKKER_SIMD words differ(words a, words b) { return veorq_u32(a, b); }
FOKKER_SIMD words differ(words a, words b, words c) { return differ(a, differ(b, c)); }  // a comes last
template <int N>
FOKKER_SIMD words left(words a) {
  return vshlq_n_u32(a, N);
}
template <int N>
FOKKER_SIMD words right(words a) {
  return vshrq_n_u32(a, N);
}
FOKKER_SIMD words low_products(words a, words b) {  // of the even words, 64 bits wide
  return vreinterpretq_u32_u64(vmull_u32(vmovn_u64(vreinterpretq_u64_u32(a)), vmovn_u64(vreinterpretq_u64_u32(b))));
}
FOKKER_SIMD words odd_words(words a) {  // in the place of the even ones
  return vreinterpretq_u32_u64(vshrq_n_u64(vreinterpretq_u64_u32(a), 32));
}

FOKKER_SIMD floats all(float a) { return vdupq_n_f32(a); }
FOKKER_SIMD floats load(const float* p) { return vld1q_f32(p); }
FOKKER_SIMD void store(float* p, floats a) { vst1q_f32(p, a); }
FOKKER_SIMD floats fma(floats a, floats b, floats c) { return vfmaq_f32(c, a, b); }
FOKKER_SIMD floats mul(floats a, floats b) { return vmulq_f32(a, b); }
FOKKER_SIMD floats minus(floats a, floats b) { return vsubq_f32(a, b); }
FOKKER_SIMD floats root(floats a) { return vsqrtq_f32(a); }
FOKKER_SIMD floats from_signed(words a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }
FOKKER_SIMD words nearest(floats a) { return vreinterpretq_u32_s32(vcvtnq_s32_f32(a)); }
/// b where the highest bit of `sign` is set, else a.
FOKKER_SIMD floats choose(floats a, floats b, words sign) {
  return vbslq_f32(vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u32(sign), 31)), b, a);
}
/// The first two of a and b interleaved, the last two.
FOKKER_SIMD floats first_pairs(floats a, floats b) { return vzip1q_f32(a, b); }
FOKKER_SIMD floats last_pairs(floats a, floats b) { return vzip2q_f32(a, b); }
FOKKER_SIMD floats first_halves(floats a, floats b) { return vcombine_f32(vget_low_f32(a), vget_low_f32(b)); }
FOKKER_SIMD floats last_halves(floats a, floats b) { return vcombine_f32(vget_high_f32(a), vget_high_f32(b)); }

/// The even words of a and b, the odd ones.
FOKKER_SIMD words even_words(words a, words b) { return vuzp1q_u32(a, b); }
FOKKER_SIMD words odd_words(words a, words b) { return vuzp2q_u32(a, b); }

/// b * 2^16, rounded to the nearest even upper half, in the lower half; a NaN is made quiet.
FOKKER_SIMD uint16x4_t upper_halves(floats a) {
  const words x = bits(a), rounded = add(add(x, all(0x7fffu)), both(right<16>(x), all(1u)));
  const words is_nan = vcgtq_u32(both(x, all(0x7fffffffu)), all(0x7f800000u));
  return vshrn_n_u32(vbslq_u32(is_nan, vorrq_u32(x, all(0x400000u)), rounded), 16);
}
FOKKER_SIMD floats from_upper_halves(uint16x4_t a) { return from_bits(vshll_n_u16(a, 16)); }
/// Two elements of 16 bits in the first half, and nothing in the other.
FOKKER_SIMD uint16x4_t load_two(const void* p) {
  std::uint32_t two = 0;
  std::memcpy(&two, p, sizeof two);
  return vreinterpret_u16_u32(vset_lane_u32(two, vdup_n_u32(0), 0));
}
FOKKER_SIMD void store_two(void* p, uint16x4_t a) {
  const std::uint32_t two = vget_lane_u32(vreinterpret_u32_u16(a), 0);
  std::memcpy(p, &two, sizeof two);
}
FOKKER_SIMD uint16x4_t load_four(const void* p) {
  std::uint64_t four = 0;
  std::memcpy(&four, p, sizeof four);
  return vcreate_u16(four);
}
FOKKER_SIMD void store_four(void* p, uint16x4_t a) {
  const std::uint64_t four = vget_lane_u64(vreinterpret_u64_u16(a), 0);
  std::memcpy(p, &four, sizeof four);
}
FOKKER_SIMD floats from_halves(uint16x4_t a) { return vcvt_f32_f16(vreinterpret_f16_u16(a)); }
FOKKER_SIMD uint16x4_t to_halves(floats a) { return vreinterpret_u16_f16(vcvt_f16_f32(a)); }
FOKKER_SIMD floats widened(float32x2_t a) { return vcombine_f32(a, a); }

// Memory of every element type, as what is computed with. A double is rounded to float on its way to 16 bits.
FOKKER_SIMD floats read(const float* p, float) { return load(p); }
FOKKER_SIMD floats read(const half* p, float) { return from_halves(load_four(p)); }
FOKKER_SIMD floats read(const bfloat16* p, float) { return from_upper_halves(load_four(p)); }
FOKKER_SIMD doubles read(const double* p, double) { return {vld1q_f64(p)}; }
FOKKER_SIMD doubles read(const float* p, double) { return {vcvt_f64_f32(vld1_f32(p))}; }
FOKKER_SIMD doubles read(const half* p, double) { return {vcvt_f64_f32(vget_low_f32(from_halves(load_two(p))))}; }
FOKKER_SIMD doubles read(const bfloat16* p, double) {
  return {vcvt_f64_f32(vget_low_f32(from_upper_halves(load_two(p))))};
}
FOKKER_SIMD void write(float* p, floats a) { store(p, a); }
FOKKER_SIMD void write(half* p, floats a) { store_four(p, to_halves(a)); }
FOKKER_SIMD void write(bfloat16* p, floats a) { store_four(p, upper_halves(a)); }
FOKKER_SIMD void write(double* p, doubles a) { vst1q_f64(p, a.v); }
FOKKER_SIMD void write(float* p, doubles a) { vst1_f32(p, vcvt_f32_f64(a.v)); }
FOKKER_SIMD void write(half* p, doubles a) { store_two(p, to_halves(widened(vcvt_f32_f64(a.v)))); }
FOKKER_SIMD void write(bfloat16* p, doubles a) { store_two(p, upper_halves(widened(vcvt_f32_f64(a.v)))); }

/// The even ones of a and then of b, the odd ones.
FOKKER_SIMD doubles even_ones(doubles a, doubles b) { return {vuzp1q_f64(a.v, b.v)}; }
FOKKER_SIMD doubles odd_ones(doubles a, doubles b) { return {vuzp2q_f64(a.v, b.v)}; }
FOKKER_SIMD double first_of(doubles a) { return vgetq_lane_f64(a.v, 0); }

FOKKER_SIMD doubles all(double a) { return {vdupq_n_f64(a)}; }
FOKKER_SIMD doubles fma(doubles a, doubles b, doubles c) { return {vfmaq_f64(c.v, a.v, b.v)}; }
FOKKER_SIMD doubles mul(doubles a, doubles b) { return {vmulq_f64(a.v, b.v)}; }
FOKKER_SIMD doubles plus(doubles a, doubles b) { return {vaddq_f64(a.v, b.v)}; }
FOKKER_SIMD doubles minus(doubles a, doubles b) { return {vsubq_f64(a.v, b.v)}; }
FOKKER_SIMD doubles divided(doubles a, doubles b) { return {vdivq_f64(a.v, b.v)}; }
FOKKER_SIMD doubles root(doubles a) { return {vsqrtq_f64(a.v)}; }
/// c where a < b, else d.
FOKKER_SIMD doubles less(doubles a, doubles b, doubles c, doubles d) {
  return {vbslq_f64(vcltq_f64(a.v, b.v), c.v, d.v)};
}
FOKKER_SIMD uint64x2_t magnitude_bits(doubles a) {
  return vandq_u64(vreinterpretq_u64_f64(a.v), vdupq_n_u64(0x7fffffffffffffffu));
}
/// c where a is NaN, by its bits, else d.
FOKKER_SIMD doubles if_nan(doubles a, doubles c, doubles d) {
  return {vbslq_f64(vcgtq_u64(magnitude_bits(a), vdupq_n_u64(0x7ff0000000000000u)), c.v, d.v)};
}
/// c where a is 0 of either sign, else d.
FOKKER_SIMD doubles if_zero(doubles a, doubles c, doubles d) {
  return {vbslq_f64(vceqzq_u64(magnitude_bits(a)), c.v, d.v)};
}
FOKKER_SIMD doubles magnitude(doubles a) { return {vabsq_f64(a.v)}; }
/// Of magnitudes, by their bits.
FOKKER_SIMD doubles larger(doubles a, doubles b) {
  return {vbslq_f64(vcgtq_u64(vreinterpretq_u64_f64(b.v), vreinterpretq_u64_f64(a.v)), b.v, a.v)};
}
/// To [-bound, bound]; NaN passes.
FOKKER_SIMD floats clamped(floats a, floats bound) {
  const floats below = vbslq_f32(vcltq_f32(bound, a), bound, a), least = vnegq_f32(bound);
  return vbslq_f32(vcgtq_f32(least, below), least, below);
}
FOKKER_SIMD doubles clamped(doubles a, doubles bound) {
  const float64x2_t below = vbslq_f64(vcltq_f64(bound.v, a.v), bound.v, a.v), least = vnegq_f64(bound.v);
  return {vbslq_f64(vcgtq_f64(least, below), least, below)};
}
