// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fokker/noise/box_muller.hpp>

namespace fokker::inline v0::noise {

/// Threefry2x32 with 20 rounds (Salmon et al. 2011).
[[nodiscard]] constexpr std::array<std::uint32_t, 2> threefry2x32(const std::array<std::uint32_t, 2>& key,
                                                                  std::array<std::uint32_t, 2> x) {
  const std::uint32_t keys[3] = {key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda};
  constexpr int turns[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  x[0] += keys[0], x[1] += keys[1];
  for (std::uint32_t group = 0; group < 5; ++group) {
    for (const int turn : turns[group % 2]) {
      x[0] += x[1];
      x[1] = (x[1] << turn | x[1] >> (32 - turn)) ^ x[0];
    }
    x[0] += keys[(group + 1) % 3];
    x[1] += keys[(group + 2) % 3] + group + 1;
  }
  return x;
}

/// jax.random.normal of jax 0.10 in float32, by its counters as they have been split since 0.5 (partitionable), or in
/// halves. Each `fill` splits the key as programs do: `key, now = split(key)`, and draws from `now`.
class jax_threefry {
 public:
  using words = std::array<std::uint32_t, 2>;
  explicit jax_threefry(std::uint64_t seed, bool partitionable = true)
      : jax_threefry(words{static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(seed)}, partitionable) {}
  /// Of a key's data.
  explicit jax_threefry(const words& key, bool partitionable = true) : key_(key), partitionable_(partitionable) {}

  void fill(std::span<float> z) {
    const jax_threefry now(child(1), partitionable_);
    key_ = child(0);
    now.normals(z);
  }

  /// jax.random.normal(key, shape) of the key as it is, which stays.
  void normals(std::span<float> z) const {
    if (partitionable_) {
      for (std::size_t i = 0; i < z.size(); ++i) {
        const words w =
            threefry2x32(key_, {static_cast<std::uint32_t>(std::uint64_t{i} >> 32), static_cast<std::uint32_t>(i)});
        z[i] = normal(w[0] ^ w[1]);
      }
    } else {
      in_halves(z.size(), [&](std::size_t i, std::uint32_t w) { z[i] = normal(w); });
    }
  }

  /// The data of key `which` of split(key, count).
  [[nodiscard]] words child(std::uint32_t which, std::uint32_t count = 2) const {
    if (partitionable_) return threefry2x32(key_, {0, which});
    words key{};
    in_halves(2 * std::size_t{count}, [&](std::size_t i, std::uint32_t w) {
      if (i / 2 == which) key[i % 2] = w;
    });
    return key;
  }
  [[nodiscard]] const words& key() const { return key_; }

  friend bool operator==(const jax_threefry&, const jax_threefry&) = default;

 private:
  /// Words 0 ... n - 1, of which the first half is made with the second. An odd one's partner counts 0.
  template <class F>
  void in_halves(std::size_t n, const F& to) const {
    const std::size_t half = (n + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const words w =
          threefry2x32(key_, {static_cast<std::uint32_t>(i), i + half < n ? static_cast<std::uint32_t>(i + half) : 0});
      to(i, w[0]);
      if (i + half < n) to(i + half, w[1]);
    }
  }

  /// sqrt(2) erfinv(u) of a uniform of 23 bits in (-1, 1), by Giles's polynomials (2010).
  static float normal(std::uint32_t word) {
    using detail::fma_rn;
    const float below_1 = __builtin_bit_cast(float, word >> 9 | 0x3f800000u) - 1.0f;
    const float u = std::fmax(fma_rn(below_1, 2.0f, -0x1.fffffep-1f), -0x1.fffffep-1f);
    float w = -std::log1p(-detail::mul_rn(u, u));
    float p = 0;
    if (w < 5) {
      w -= 2.5f;
      p = 2.81022636e-08f;
      for (const float c : {3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f, -0.00125372503f,
                            -0.00417768164f, 0.246640727f, 1.50140941f})
        p = fma_rn(p, w, c);
    } else {
      w = std::sqrt(w) - 3;
      p = -0.000200214257f;
      for (const float c : {0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f, -0.0076224613f,
                            0.00943887047f, 1.00167406f, 2.83297682f})
        p = fma_rn(p, w, c);
    }
    return 1.41421356f * (p * u);
  }

  words key_;
  bool partitionable_;
};

}  // namespace fokker::inline v0::noise
