// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/detail/normal_quantile.hpp>
#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::noise {

/// Starts that fill the space evenly: sample s is a point of a Sobol' sequence of four dimensions, those of a block of
/// elements, with the direction numbers of Joe & Kuo 2008. The digits of each dimension are scrambled as Owen 1995 has
/// it, by hashes (Laine & Karras 2011), and each block takes the points in an order of its own (Burley 2020): so there
/// are any number of elements, and different blocks are independent. Each normal is the quantile of its digits; those
/// of other streams are philox's. For a batch of 2^k samples, and few dimensions.
struct sobol {
  std::uint64_t seed = 0;           ///< of the scrambling, and of all normals but the start's
  std::uint32_t first_sample = 0;   ///< id of the batch's first sample: any shard draws its own part
  whole_blocks first_element = {};  ///< of each sample, where x is a part of the samples: a multiple of 4

  [[nodiscard]] quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    const philox words{seed, first_sample, first_element};
    if (piece.stream != noise_piece::start) return words.normals(sample, block, piece);
    const std::uint32_t place = first_element.blocks + block;
    const auto seeds = [&](std::uint32_t which) { return philox4x32({{place, which, piece.id, scrambling}}, seed); };
    const noise::words of_digits = seeds(0), of_order = seeds(1);
    const std::uint32_t index = reversed(scrambled(reversed(first_sample + sample), of_order.w[0]));
    quad four;
    for (int d = 0; d < 4; ++d) {
      const std::uint32_t u = reversed(scrambled(point(index, d), of_digits.w[d]));
      four.z[d] = static_cast<float>(detail::normal_quantile((u + 0.5) * 0x1p-32));
    }
    return four;
  }

  friend bool operator==(const sobol&, const sobol&) = default;

 private:
  static constexpr std::uint32_t scrambling = 0x40000000;  // a stream that nobody draws from

  static constexpr std::uint32_t reversed(std::uint32_t x) {
    x = x << 16 | x >> 16;
    x = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
    x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
    x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
    return (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
  }
  /// Digits from the lowest on: each is changed or not, by a hash of those before it.
  static constexpr std::uint32_t scrambled(std::uint32_t x, std::uint32_t by) {
    x += by;
    for (const std::uint32_t even : {0x6c50b47cu, 0xb82f1e52u, 0xc7afe638u, 0x8d22f6e6u}) x ^= x * even;
    return x;
  }
  /// The digits of a point of the sequence, the first one lowest.
  static constexpr std::uint32_t point(std::uint32_t index, int dimension) {
    // Of each dimension but the first, whose matrix is the identity: degree and inner coefficients of its polynomial,
    // and its first odd numbers m.
    struct {
      std::uint32_t degree, inner, m[3];
    } constexpr of[4] = {{}, {1, 0, {1}}, {2, 1, {1, 3}}, {3, 1, {1, 3, 1}}};
    const auto& p = of[dimension];
    std::uint32_t columns[32] = {}, digits = 0;
    for (std::uint32_t i = 0; i < 32; ++i) {
      std::uint32_t& column = columns[i];  // the digits of m / 2^(i + 1), highest first
      if (p.degree == 0) {
        column = 0x80000000u >> i;
      } else if (i < p.degree) {
        column = p.m[i] << (31 - i);
      } else {
        column = columns[i - p.degree] ^ columns[i - p.degree] >> p.degree;
        for (std::uint32_t k = 1; k < p.degree; ++k)
          if ((p.inner >> (p.degree - 1 - k) & 1) != 0) column ^= columns[i - k];
      }
      if ((index >> i & 1) != 0) digits ^= column;
    }
    return reversed(digits);
  }
};

}  // namespace fokker::inline v0::noise
