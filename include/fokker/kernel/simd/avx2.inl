// SPDX-License-Identifier: MIT
// Vectors of 8 floats or 4 doubles. Included by simd.hpp into a namespace of its own.

using words = __m256i;
using floats = __m256;
struct doubles {
  __m256d v;
};
inline constexpr std::size_t lanes = 8;

FOKKER_SIMD words all(std::uint32_t w) { return _mm256_set1_epi32(static_cast<int>(w)); }
FOKKER_SIMD words load(const std::uint32_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
FOKKER_SIMD words add(words a, words b) { return _mm256_add_epi32(a, b); }
FOKKER_SIMD words sub(words a, words b) { return _mm256_sub_epi32(a, b); }
FOKKER_SIMD words both(words a, words b) { return _mm256_and_si256(a, b); }
FOKKER_SIMD words differ(words a, words b) { return _mm256_xor_si256(a, b); }
FOKKER_SIMD words differ(words a, words b, words c) { return differ(a, differ(b, c)); }  // a comes last
template <int N>
FOKKER_SIMD words left(words a) {
  return _mm256_slli_epi32(a, N);
}
template <int N>
FOKKER_SIMD words right(words a) {
  return _mm256_srli_epi32(a, N);
}
FOKKER_SIMD words low_products(words a, words b) { return _mm256_mul_epu32(a, b); }  // of the even words, 64 bits wide
FOKKER_SIMD words odd_words(words a) { return _mm256_srli_epi64(a, 32); }            // in the place of the even ones

FOKKER_SIMD floats all(float a) { return _mm256_set1_ps(a); }
FOKKER_SIMD floats load(const float* p) { return _mm256_loadu_ps(p); }
FOKKER_SIMD void store(float* p, floats a) { _mm256_storeu_ps(p, a); }
FOKKER_SIMD floats fma(floats a, floats b, floats c) { return _mm256_fmadd_ps(a, b, c); }
FOKKER_SIMD floats mul(floats a, floats b) { return _mm256_mul_ps(a, b); }
FOKKER_SIMD floats minus(floats a, floats b) { return _mm256_sub_ps(a, b); }
FOKKER_SIMD floats root(floats a) { return _mm256_sqrt_ps(a); }
FOKKER_SIMD floats from_signed(words a) { return _mm256_cvtepi32_ps(a); }
FOKKER_SIMD words nearest(floats a) { return _mm256_cvtps_epi32(a); }
FOKKER_SIMD words bits(floats a) { return _mm256_castps_si256(a); }
FOKKER_SIMD floats from_bits(words a) { return _mm256_castsi256_ps(a); }
/// b where the highest bit of `sign` is set, else a.
FOKKER_SIMD floats choose(floats a, floats b, words sign) { return _mm256_blendv_ps(a, b, from_bits(sign)); }
/// Of each group of four lanes: the first two of a and b interleaved, the last two.
FOKKER_SIMD floats first_pairs(floats a, floats b) { return _mm256_unpacklo_ps(a, b); }
FOKKER_SIMD floats last_pairs(floats a, floats b) { return _mm256_unpackhi_ps(a, b); }
FOKKER_SIMD floats first_halves(floats a, floats b) {
  return _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}
FOKKER_SIMD floats last_halves(floats a, floats b) {
  return _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}

/// Of each group of four lanes: the even words of a and b, the odd ones.
FOKKER_SIMD words even_words(words a, words b) { return bits(_mm256_shuffle_ps(from_bits(a), from_bits(b), 0x88)); }
FOKKER_SIMD words odd_words(words a, words b) { return bits(_mm256_shuffle_ps(from_bits(a), from_bits(b), 0xdd)); }

/// b * 2^16, rounded to the nearest even upper half, in the lower half; a NaN is made quiet.
FOKKER_SIMD words upper_halves(floats a) {
  const words x = bits(a), rounded = add(add(x, all(0x7fffu)), both(right<16>(x), all(1u)));
  const words quiet = _mm256_or_si256(x, all(0x400000u));
  const __m256 is_nan = _mm256_cmp_ps(a, a, _CMP_UNORD_Q);
  return right<16>(bits(_mm256_blendv_ps(from_bits(rounded), from_bits(quiet), is_nan)));
}
FOKKER_SIMD __m128i narrow(words a) {
  return _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
}

// Memory of every element type, as what is computed with. A double is rounded to float on its way to 16 bits.
FOKKER_SIMD floats read(const float* p, float) { return load(p); }
FOKKER_SIMD floats read(const half* p, float) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
FOKKER_SIMD floats read(const bfloat16* p, float) {
  return from_bits(left<16>(_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))));
}
FOKKER_SIMD doubles read(const double* p, double) { return {_mm256_loadu_pd(p)}; }
FOKKER_SIMD doubles read(const float* p, double) { return {_mm256_cvtps_pd(_mm_loadu_ps(p))}; }
FOKKER_SIMD doubles read(const half* p, double) {
  return {_mm256_cvtps_pd(_mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
FOKKER_SIMD doubles read(const bfloat16* p, double) {
  const __m128i upper = _mm_cvtepu16_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  return {_mm256_cvtps_pd(_mm_castsi128_ps(_mm_slli_epi32(upper, 16)))};
}
FOKKER_SIMD void write(float* p, floats a) { store(p, a); }
FOKKER_SIMD void write(half* p, floats a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
FOKKER_SIMD void write(bfloat16* p, floats a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow(upper_halves(a)));
}
FOKKER_SIMD void write(double* p, doubles a) { _mm256_storeu_pd(p, a.v); }
FOKKER_SIMD void write(float* p, doubles a) { _mm_storeu_ps(p, _mm256_cvtpd_ps(a.v)); }
FOKKER_SIMD void write(half* p, doubles a) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_cvtps_ph(_mm256_cvtpd_ps(a.v), _MM_FROUND_TO_NEAREST_INT));
}
FOKKER_SIMD void write(bfloat16* p, doubles a) {
  const floats wide = _mm256_castps128_ps256(_mm256_cvtpd_ps(a.v));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), narrow(upper_halves(wide)));
}

/// The even ones of a and then of b, the odd ones.
FOKKER_SIMD doubles even_ones(doubles a, doubles b) {
  return {_mm256_permute4x64_pd(_mm256_unpacklo_pd(a.v, b.v), 0xd8)};
}
FOKKER_SIMD doubles odd_ones(doubles a, doubles b) {
  return {_mm256_permute4x64_pd(_mm256_unpackhi_pd(a.v, b.v), 0xd8)};
}
FOKKER_SIMD double first_of(doubles a) { return _mm256_cvtsd_f64(a.v); }

FOKKER_SIMD doubles all(double a) { return {_mm256_set1_pd(a)}; }
FOKKER_SIMD doubles fma(doubles a, doubles b, doubles c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
FOKKER_SIMD doubles mul(doubles a, doubles b) { return {_mm256_mul_pd(a.v, b.v)}; }
FOKKER_SIMD doubles plus(doubles a, doubles b) { return {_mm256_add_pd(a.v, b.v)}; }
FOKKER_SIMD doubles minus(doubles a, doubles b) { return {_mm256_sub_pd(a.v, b.v)}; }
FOKKER_SIMD doubles divided(doubles a, doubles b) { return {_mm256_div_pd(a.v, b.v)}; }
FOKKER_SIMD doubles root(doubles a) { return {_mm256_sqrt_pd(a.v)}; }
/// c where a < b, else d.
FOKKER_SIMD doubles less(doubles a, doubles b, doubles c, doubles d) {
  return {_mm256_blendv_pd(d.v, c.v, _mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ))};
}
FOKKER_SIMD __m256i magnitude_bits(doubles a) {
  return _mm256_and_si256(_mm256_castpd_si256(a.v), _mm256_set1_epi64x(0x7fffffffffffffff));
}
/// c where a is NaN, by its bits, else d.
FOKKER_SIMD doubles if_nan(doubles a, doubles c, doubles d) {
  const __m256i nan = _mm256_cmpgt_epi64(magnitude_bits(a), _mm256_set1_epi64x(0x7ff0000000000000));
  return {_mm256_blendv_pd(d.v, c.v, _mm256_castsi256_pd(nan))};
}
/// c where a is 0 of either sign, else d.
FOKKER_SIMD doubles if_zero(doubles a, doubles c, doubles d) {
  const __m256i zero = _mm256_cmpeq_epi64(magnitude_bits(a), _mm256_setzero_si256());
  return {_mm256_blendv_pd(d.v, c.v, _mm256_castsi256_pd(zero))};
}
FOKKER_SIMD doubles magnitude(doubles a) { return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)}; }
/// Of magnitudes, by their bits.
FOKKER_SIMD doubles larger(doubles a, doubles b) {
  const __m256i less = _mm256_cmpgt_epi64(_mm256_castpd_si256(b.v), _mm256_castpd_si256(a.v));
  return {_mm256_blendv_pd(a.v, b.v, _mm256_castsi256_pd(less))};
}
/// To [-bound, bound]; the order of the operands lets NaN pass.
FOKKER_SIMD floats clamped(floats a, floats bound) {
  return _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), bound), _mm256_min_ps(bound, a));
}
FOKKER_SIMD doubles clamped(doubles a, doubles bound) {
  return {_mm256_max_pd(_mm256_sub_pd(_mm256_setzero_pd(), bound.v), _mm256_min_pd(bound.v, a.v))};
}
