// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/config.hpp>
#include <fokker/noise/philox.hpp>

// Four coordinates of Sobol's sequence (1967) by the direction numbers of Joe & Kuo (2008), scrambled as by Owen
// (1995): a bit is flipped by a hash of the bits above it. Blocks of four elements have the points in an order of their
// own, which is scrambled likewise (Burley, Practical hash-based Owen scrambling, 2020).

namespace fokker::inline v0::noise {

/// The first four coordinates of point `index`, as fractions of 2^32.
FOKKER_HD constexpr words sobol_point(std::uint32_t index) {
  // Each coordinate but the first has the recurrence of a primitive polynomial, of degree 1, 2 and 3.
  std::uint32_t a = 1u << 31, b = a, c[2] = {a, 3u << 30}, d[3] = {a, 3u << 30, 1u << 29};
  words x{};
  for (; index != 0; index >>= 1) {
    if ((index & 1u) != 0) x.w[0] ^= a, x.w[1] ^= b, x.w[2] ^= c[0], x.w[3] ^= d[0];
    a >>= 1;
    b ^= b >> 1;
    const std::uint32_t of_c = c[1] ^ c[0] ^ c[0] >> 2, of_d = d[1] ^ d[0] ^ d[0] >> 3;
    c[0] = c[1], c[1] = of_c;
    d[0] = d[1], d[1] = d[2], d[2] = of_d;
  }
  return x;
}

/// Each bit of x flipped by a hash of the bits above it and of a key: what lies in one dyadic interval stays in one.
FOKKER_HD constexpr std::uint32_t owen(std::uint32_t x, std::uint64_t key) {
  std::uint32_t flips = 0;
  for (int bit = 31; bit >= 0; --bit) {
    // The finaliser of Steele, Lea & Flood's SplitMix, 2014.
    std::uint64_t h = key + 0x9e3779b97f4a7c15u * ((std::uint64_t{1} << 32 | x) >> (bit + 1));
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    flips |= static_cast<std::uint32_t>(h >> 63) << bit;
  }
  return x ^ flips;
}

/// Normals of points that lie more evenly than independent ones: sample i of a run is point i of a Sobol' sequence, of
/// four coordinates for each block of four elements and each normal of a plan. Each sample by itself is distributed as
/// without it, and blocks are independent. The first 2^k samples from a multiple of 2^k on are the most even.
struct sobol {
  std::uint64_t seed = 0;           ///< one a run
  std::uint32_t first_sample = 0;   ///< id of the batch's first sample: any shard draws its own part
  whole_blocks first_element = {};  ///< of each sample, where x is a part of the samples: a multiple of 4

  [[nodiscard]] FOKKER_HD quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    const auto key = [&](std::uint32_t which) {
      const words w = philox4x32({{first_element.blocks + block, which, piece.id, piece.stream}}, seed);
      return std::uint64_t{w.w[0]} << 32 | w.w[1];
    };
    words x = sobol_point(owen(first_sample + sample, key(4)));
    for (std::uint32_t j = 0; j < 4; ++j) x.w[j] = owen(x.w[j], key(j));
    return normals_of(x);
  }

  friend bool operator==(const sobol&, const sobol&) = default;
};

}  // namespace fokker::inline v0::noise
