// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/config.hpp>
#include <fokker/noise/box_muller.hpp>

namespace fokker::noise {

/// Four 32-bit words: a counter, or the random bits that belong to it.
struct words {
  std::uint32_t w[4];
};

/// Philox4x32-10, Salmon et al. 2011: a bijection of counters, keyed, that passes the usual tests of randomness.
FOKKER_HD inline words philox4x32(words c, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xd2511f53u} * c.w[0];
    const std::uint64_t b = std::uint64_t{0xcd9e8d57u} * c.w[2];
    c = {{static_cast<std::uint32_t>(b >> 32) ^ c.w[1] ^ key0, static_cast<std::uint32_t>(b),
          static_cast<std::uint32_t>(a >> 32) ^ c.w[3] ^ key1, static_cast<std::uint32_t>(a)}};
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return c;
}

/// Four consecutive normals of a sample.
struct quad {
  float z[4];
};

/// Normals by position: Philox with key = the run's seed and counter = (block, sample id, noise id, stream), two Box-Muller
/// pairs a counter. The same position is the same number on every machine, in every batch, shard and order of asking.
struct philox {
  std::uint64_t seed = 0;
  std::uint32_t first_sample = 0;  ///< the id of the batch's first sample: any shard can draw its own part

  /// Elements 4 block ... 4 block + 3 of the batch's sample `sample`.
  [[nodiscard]] FOKKER_HD quad normals(std::uint32_t sample, std::uint32_t block, std::uint32_t id, std::uint32_t stream) const {
    const words bits = philox4x32({{block, first_sample + sample, id, stream}}, static_cast<std::uint32_t>(seed),
                                  static_cast<std::uint32_t>(seed >> 32));
    const pair a = box_muller(bits.w[0], bits.w[1]), b = box_muller(bits.w[2], bits.w[3]);
    return {{a.z0, a.z1, b.z0, b.z1}};
  }

  friend bool operator==(const philox&, const philox&) = default;
};

}  // namespace fokker::noise
