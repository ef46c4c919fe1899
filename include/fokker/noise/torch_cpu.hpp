// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <span>

#include <fokker/noise/box_muller.hpp>
#include <fokker/noise/mt19937.hpp>

// Logarithm, sine and cosine are the polynomials of Moshier's Cephes, in the order and with the fused operations of
// torch's kernels: their bits, not their accuracy, are what is wanted.

namespace fokker::inline v0::detail {

[[gnu::always_inline]] inline float torch_log(float x) {
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x);
  const std::uint32_t octaves = (bits - 0x3f3504f3u) & 0xff800000u;  // x = 2^e (1 + m), 1 + m in [sqrt(1/2), sqrt(2))
  const float m = __builtin_bit_cast(float, bits - octaves) - 1.0f;
  const float e = static_cast<float>(static_cast<std::int32_t>(octaves) >> 23);
  const float z = m * m;
  float y = 7.0376836292e-2f;
  y = fma_rn(y, m, -1.1514610310e-1f);
  y = fma_rn(y, m, 1.1676998740e-1f);
  y = fma_rn(y, m, -1.2420140846e-1f);
  y = fma_rn(y, m, 1.4249322787e-1f);
  y = fma_rn(y, m, -1.6668057665e-1f);
  y = fma_rn(y, m, 2.0000714765e-1f);
  y = fma_rn(y, m, -2.4999993993e-1f);
  y = fma_rn(y, m, 3.3333331174e-1f);
  y = fma_rn(y * m, z, e * -2.12194440e-4f);
  return fma_rn(e, 0.693359375f, m + fma_rn(z, -0.5f, y));
}

/// The point of an angle in [0, 2 pi].
[[gnu::always_inline]] inline noise::point torch_direction(float angle) {
  const std::int32_t octant = (static_cast<std::int32_t>(angle * 1.27323954473516f) + 1) & ~1;
  const float y = static_cast<float>(octant);
  const float x =
      fma_rn(y, -3.77489497744594108e-8f, fma_rn(y, -2.4187564849853515625e-4f, fma_rn(y, -0.78515625f, angle)));
  const float z = x * x;
  float c = fma_rn(fma_rn(2.443315711809948e-5f, z, -1.388731625493765e-3f), z, 4.166664568298827e-2f);
  c = fma_rn(c * z, z, -0.5f * z) + 1.0f;
  float s = fma_rn(fma_rn(-1.9515295891e-4f, z, 8.3321608736e-3f), z, -1.6666654611e-1f);
  s = fma_rn(s * z, x, x);
  const bool mirror = (octant & 2) != 0;
  const float u = mirror ? s : c, v = mirror ? c : s;
  return {((octant + 2) & 4) != 0 ? -u : u, (octant & 4) != 0 ? -v : v};
}

/// Of sixteen uniforms (j, j + 8) are a pair: the squares of their radii, and from the radii their normals, in place.
/// The square roots lie between: that of the library sets errno, and so is no operation of vectors.
[[gnu::always_inline]] inline void torch_squares(const float* z, float* radius) {
  for (int j = 0; j < 8; ++j) radius[j] = -2.0f * torch_log(1.0f - z[j]);
}
[[gnu::always_inline]] inline void torch_pairs(float* z, const float* radius) {
  float x[8], y[8];
  for (int j = 0; j < 8; ++j) {
    const noise::point n = torch_direction(6.28318530717958647692f * z[j + 8]);
    x[j] = radius[j] * n.x, y[j] = radius[j] * n.y;
  }
  for (int j = 0; j < 8; ++j) z[j] = x[j];
  for (int j = 0; j < 8; ++j) z[j + 8] = y[j];
}

inline void torch_normals(float* z, std::size_t blocks) {
  for (float* end = z + 16 * blocks; z != end; z += 16) {
    float radius[8];
    torch_squares(z, radius);
    for (float& r : radius) r = sqrt_rn(r);
    torch_pairs(z, radius);
  }
}
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2,fma"))) inline void torch_normals_by_avx2(float* z, std::size_t blocks) {
  for (float* end = z + 16 * blocks; z != end; z += 16) {
    float radius[8];
    torch_squares(z, radius);
    float __attribute__((vector_size(32))) eight;
    __builtin_memcpy(&eight, radius, sizeof eight);
#if __has_builtin(__builtin_elementwise_sqrt)  // clang 22 has the other no more
    eight = __builtin_elementwise_sqrt(eight);
#else
    eight = __builtin_ia32_sqrtps256(eight);
#endif
    __builtin_memcpy(radius, &eight, sizeof eight);
    torch_pairs(z, radius);
  }
}
#endif

}  // namespace fokker::inline v0::detail

namespace fokker::inline v0::noise {

/// What torch's kernels on the CPU are compiled for: their sine is that of another float angle.
enum class torch_kernels { avx2, plain };

/// torch.randn on the CPU of torch 2.15, of float32 and float64: each `fill` is a call, of one generator. Tensors of
/// half and bfloat16 are those of float32, rounded. The low 32 bits of the seed count.
class torch_cpu {
 public:
  explicit torch_cpu(std::uint64_t seed, torch_kernels kernels = torch_kernels::avx2)
      : words_(static_cast<std::uint32_t>(seed)), kernels_(kernels) {}

  void fill(std::span<float> z) { fill_any(z); }
  void fill(std::span<double> z) { fill_any(z); }

  friend bool operator==(const torch_cpu&, const torch_cpu&) = default;

 private:
  /// Sixteen or more in blocks of sixteen, the last of which is the tensor's end, drawn anew where it is no whole one;
  /// fewer one after the other.
  template <class E>
  void fill_any(std::span<E> z) {
    if (z.size() < 16) {
      for (E& e : z) e = static_cast<E>(one());
      return;
    }
    uniforms(z);
    normals(z.first(z.size() / 16 * 16));
    if (z.size() % 16 == 0) return;
    uniforms(z.last(16));
    normals(z.last(16));
  }

  void uniforms(std::span<float> z) {
    words_.next_words(z.size(), [to = z.data()](std::size_t i, std::uint32_t word) {
      to[i] = static_cast<float>(static_cast<std::int32_t>(word & 0xffffffu)) * 0x1p-24f;
    });
  }
  void uniforms(std::span<double> z) {
    for (double& e : z) e = words_.uniform_53();
  }

  void normals(std::span<float> z) const {
    if (kernels_ == torch_kernels::plain) return pairs(z);
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return detail::torch_normals_by_avx2(z.data(), z.size() / 16);
#endif
    detail::torch_normals(z.data(), z.size() / 16);
  }
  static void normals(std::span<double> z) { pairs(z); }

  template <class E>
  static void pairs(std::span<E> z) {
    for (std::size_t b = 0; b < z.size(); b += 16)
      for (std::size_t j = b; j < b + 8; ++j) {
        const E radius = std::sqrt(-2 * std::log(1 - z[j]));
        const E angle = static_cast<E>(2 * std::numbers::pi * static_cast<double>(z[j + 8]));
        z[j] = radius * std::cos(angle);
        z[j + 8] = radius * std::sin(angle);
      }
  }

  double one() {
    if (sine_) {
      const double z = *sine_;
      sine_.reset();
      return z;
    }
    const double angle = 2 * std::numbers::pi * words_.uniform_53();
    const double radius = std::sqrt(-2 * std::log1p(-words_.uniform_53()));
    sine_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }

  mt19937 words_;
  torch_kernels kernels_;
  std::optional<double> sine_;  // of the last pair
};

}  // namespace fokker::inline v0::noise
