// SPDX-License-Identifier: MIT
// Vectors of 16 floats or 8 doubles. Included by simd.hpp into a namespace of its own.

using words = __m512i;
using floats = __m512;
struct doubles {
  __m512d v;
};
inline constexpr std::size_t lanes = 16;

FOKKER_SIMD words all(std::uint32_t w) { return _mm512_set1_epi32(static_cast<int>(w)); }
FOKKER_SIMD words load(const std::uint32_t* p) { return _mm512_load_si512(p); }
FOKKER_SIMD words add(words a, words b) { return _mm512_add_epi32(a, b); }
FOKKER_SIMD words sub(words a, words b) { return _mm512_sub_epi32(a, b); }
FOKKER_SIMD words both(words a, words b) { return _mm512_and_si512(a, b); }
FOKKER_SIMD words differ(words a, words b) { return _mm512_xor_si512(a, b); }
FOKKER_SIMD words differ(words a, words b, words c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
template <int N>
FOKKER_SIMD words left(words a) {
  return _mm512_slli_epi32(a, N);
}
template <int N>
FOKKER_SIMD words right(words a) {
  return _mm512_srli_epi32(a, N);
}
FOKKER_SIMD words low_products(words a, words b) { return _mm512_mul_epu32(a, b); }  // of the even words, 64 bits wide
FOKKER_SIMD words odd_words(words a) { return _mm512_srli_epi64(a, 32); }            // in the place of the even ones

FOKKER_SIMD floats all(float a) { return _mm512_set1_ps(a); }
FOKKER_SIMD floats load(const float* p) { return _mm512_loadu_ps(p); }
FOKKER_SIMD void store(float* p, floats a) { _mm512_storeu_ps(p, a); }
FOKKER_SIMD floats fma(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
FOKKER_SIMD floats mul(floats a, floats b) { return _mm512_mul_ps(a, b); }
FOKKER_SIMD floats minus(floats a, floats b) { return _mm512_sub_ps(a, b); }
FOKKER_SIMD floats root(floats a) { return _mm512_sqrt_ps(a); }
FOKKER_SIMD floats from_signed(words a) { return _mm512_cvtepi32_ps(a); }
FOKKER_SIMD words nearest(floats a) { return _mm512_cvtps_epi32(a); }
FOKKER_SIMD words bits(floats a) { return _mm512_castps_si512(a); }
FOKKER_SIMD floats from_bits(words a) { return _mm512_castsi512_ps(a); }
/// b where the highest bit of `sign` is set, else a.
FOKKER_SIMD floats choose(floats a, floats b, words sign) {
  return _mm512_mask_blend_ps(_mm512_movepi32_mask(sign), a, b);
}
/// Of each group of four lanes: the first two of a and b interleaved, the last two.
FOKKER_SIMD floats first_pairs(floats a, floats b) { return _mm512_unpacklo_ps(a, b); }
FOKKER_SIMD floats last_pairs(floats a, floats b) { return _mm512_unpackhi_ps(a, b); }
FOKKER_SIMD floats first_halves(floats a, floats b) {
  return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
FOKKER_SIMD floats last_halves(floats a, floats b) {
  return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

/// Of each group of four lanes: the even words of a and b, the odd ones.
FOKKER_SIMD words even_words(words a, words b) { return bits(_mm512_shuffle_ps(from_bits(a), from_bits(b), 0x88)); }
FOKKER_SIMD words odd_words(words a, words b) { return bits(_mm512_shuffle_ps(from_bits(a), from_bits(b), 0xdd)); }

/// b * 2^16, rounded to the nearest even upper half, in the lower half; a NaN is made quiet.
FOKKER_SIMD words upper_halves(floats a) {
  const words x = bits(a), rounded = add(add(x, all(0x7fffu)), both(right<16>(x), all(1u)));
  const words quiet = _mm512_or_si512(x, all(0x400000u));
  return right<16>(_mm512_mask_blend_epi32(_mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), rounded, quiet));
}

// Memory of every element type, as what is computed with. A double is rounded to float on its way to 16 bits.
FOKKER_SIMD floats read(const float* p, float) { return load(p); }
FOKKER_SIMD floats read(const half* p, float) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
FOKKER_SIMD floats read(const bfloat16* p, float) {
  return from_bits(left<16>(_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))));
}
FOKKER_SIMD doubles read(const double* p, double) { return {_mm512_loadu_pd(p)}; }
FOKKER_SIMD doubles read(const float* p, double) { return {_mm512_cvtps_pd(_mm256_loadu_ps(p))}; }
FOKKER_SIMD doubles read(const half* p, double) {
  return {_mm512_cvtps_pd(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
FOKKER_SIMD doubles read(const bfloat16* p, double) {
  const __m256i upper = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return {_mm512_cvtps_pd(_mm256_castsi256_ps(_mm256_slli_epi32(upper, 16)))};
}
FOKKER_SIMD void write(float* p, floats a) { store(p, a); }
FOKKER_SIMD void write(half* p, floats a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
FOKKER_SIMD void write(bfloat16* p, floats a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(upper_halves(a)));
}
FOKKER_SIMD void write(double* p, doubles a) { _mm512_storeu_pd(p, a.v); }
FOKKER_SIMD void write(float* p, doubles a) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(a.v)); }
FOKKER_SIMD void write(half* p, doubles a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(_mm512_cvtpd_ps(a.v), _MM_FROUND_TO_NEAREST_INT));
}
FOKKER_SIMD void write(bfloat16* p, doubles a) {
  const words wide = upper_halves(_mm512_castps256_ps512(_mm512_cvtpd_ps(a.v)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(_mm512_cvtepi32_epi16(wide)));
}

/// The even ones of a and then of b, the odd ones.
FOKKER_SIMD doubles even_ones(doubles a, doubles b) {
  return {_mm512_permutex2var_pd(a.v, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), b.v)};
}
FOKKER_SIMD doubles odd_ones(doubles a, doubles b) {
  return {_mm512_permutex2var_pd(a.v, _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15), b.v)};
}
FOKKER_SIMD double first_of(doubles a) { return _mm512_cvtsd_f64(a.v); }

FOKKER_SIMD doubles all(double a) { return {_mm512_set1_pd(a)}; }
FOKKER_SIMD doubles fma(doubles a, doubles b, doubles c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
FOKKER_SIMD doubles mul(doubles a, doubles b) { return {_mm512_mul_pd(a.v, b.v)}; }
FOKKER_SIMD doubles plus(doubles a, doubles b) { return {_mm512_add_pd(a.v, b.v)}; }
FOKKER_SIMD doubles minus(doubles a, doubles b) { return {_mm512_sub_pd(a.v, b.v)}; }
FOKKER_SIMD doubles divided(doubles a, doubles b) { return {_mm512_div_pd(a.v, b.v)}; }
FOKKER_SIMD doubles root(doubles a) { return {_mm512_sqrt_pd(a.v)}; }
/// c where a < b, else d.
FOKKER_SIMD doubles less(doubles a, doubles b, doubles c, doubles d) {
  return {_mm512_mask_blend_pd(_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ), d.v, c.v)};
}
/// c where a is NaN, by its bits, else d.
FOKKER_SIMD doubles if_nan(doubles a, doubles c, doubles d) {
  const __m512i bits = _mm512_castpd_si512(_mm512_abs_pd(a.v)), largest = _mm512_set1_epi64(0x7ff0000000000000);
  return {_mm512_mask_blend_pd(_mm512_cmpgt_epi64_mask(bits, largest), d.v, c.v)};
}
/// c where a is 0 of either sign, else d.
FOKKER_SIMD doubles if_zero(doubles a, doubles c, doubles d) {
  const __m512i bits = _mm512_castpd_si512(_mm512_abs_pd(a.v));
  return {_mm512_mask_blend_pd(_mm512_cmpeq_epi64_mask(bits, _mm512_setzero_si512()), d.v, c.v)};
}
FOKKER_SIMD doubles magnitude(doubles a) { return {_mm512_abs_pd(a.v)}; }
/// Of magnitudes, by their bits.
FOKKER_SIMD doubles larger(doubles a, doubles b) {
  return {_mm512_castsi512_pd(_mm512_max_epi64(_mm512_castpd_si512(a.v), _mm512_castpd_si512(b.v)))};
}
/// To [-bound, bound]; the order of the operands lets NaN pass.
FOKKER_SIMD floats clamped(floats a, floats bound) {
  return _mm512_max_ps(_mm512_sub_ps(_mm512_setzero_ps(), bound), _mm512_min_ps(bound, a));
}
FOKKER_SIMD doubles clamped(doubles a, doubles bound) {
  return {_mm512_max_pd(_mm512_sub_pd(_mm512_setzero_pd(), bound.v), _mm512_min_pd(bound.v, a.v))};
}
