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
FOKKER_SIMD words differ(words a, words b, words c) { return differ(differ(a, b), c); }
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
FOKKER_SIMD words interleave(words even, words odd) {
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

FOKKER_SIMD floats all(float a) { return _mm256_set1_ps(a); }
FOKKER_SIMD floats load(const float* p) { return _mm256_loadu_ps(p); }
FOKKER_SIMD void store(float* p, floats a) { _mm256_storeu_ps(p, a); }
FOKKER_SIMD floats fma(floats a, floats b, floats c) { return _mm256_fmadd_ps(a, b, c); }
FOKKER_SIMD floats mul(floats a, floats b) { return _mm256_mul_ps(a, b); }
FOKKER_SIMD floats minus(floats a, floats b) { return _mm256_sub_ps(a, b); }
FOKKER_SIMD floats root(floats a) { return _mm256_sqrt_ps(a); }
FOKKER_SIMD floats from_signed(words a) { return _mm256_cvtepi32_ps(a); }
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

FOKKER_SIMD doubles all(double a) { return {_mm256_set1_pd(a)}; }
FOKKER_SIMD doubles load(const double* p) { return {_mm256_loadu_pd(p)}; }
FOKKER_SIMD doubles load_wider(const float* p) { return {_mm256_cvtps_pd(_mm_loadu_ps(p))}; }
FOKKER_SIMD void store(double* p, doubles a) { _mm256_storeu_pd(p, a.v); }
FOKKER_SIMD doubles fma(doubles a, doubles b, doubles c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
