// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/config.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/noise/box_muller.hpp>

// Normals by counting: words = philox(counter, seed), ten rounds (Salmon et al. 2011), and words
// (0, 1) and (2, 3) give two normals each (Box & Muller 1958). Each normal is a function of
//
//   seed, element of the sample, id of the sample, id of the noise, stream
//
// alone, so that batches, shards, threads and devices draw the same. Streams: 0 the start, 1 the
// steps, 2 the known part of inpainting, 3 second normals, 4 training; 16 and above are the user's.
// Caveat: a sample has at most 2^34 elements, and the ids of samples wrap at 2^32.

namespace fokker::inline v0::noise {

struct words {
  std::uint32_t w[4];
  friend bool operator==(const words&, const words&) = default;
};

/// The keys of the ten rounds: the seed's low word and its high word, in Weyl sequences.
struct round_keys {
  std::uint32_t low[10] = {}, high[10] = {};
  FOKKER_HD constexpr explicit round_keys(std::uint64_t seed) {
    for (std::uint32_t round = 0; round < 10; ++round) {
      low[round] = static_cast<std::uint32_t>(seed) + round * 0x9e3779b9;         // the golden ratio
      high[round] = static_cast<std::uint32_t>(seed >> 32) + round * 0xbb67ae85;  // and sqrt(3) - 1
    }
  }
};

/// Philox4x32-10.
FOKKER_HD constexpr words philox4x32(words counter, const round_keys& keys) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xd2511f53} * counter.w[0];
    const std::uint64_t p1 = std::uint64_t{0xcd9e8d57} * counter.w[2];
    counter = {{static_cast<std::uint32_t>(p1 >> 32) ^ counter.w[1] ^ keys.low[round], static_cast<std::uint32_t>(p1),
                static_cast<std::uint32_t>(p0 >> 32) ^ counter.w[3] ^ keys.high[round],
                static_cast<std::uint32_t>(p0)}};
  }
  return counter;
}
FOKKER_HD constexpr words philox4x32(words counter, std::uint64_t key) { return philox4x32(counter, round_keys(key)); }

/// Four consecutive normals.
struct quad {
  float z[4];
};
FOKKER_HD inline quad normals_of(const words& x) {
  const point a = box_muller(x.w[0], x.w[1]);
  const point b = box_muller(x.w[2], x.w[3]);
  return {{a.x, a.y, b.x, b.y}};
}

/// A number of elements that are whole blocks of normals. Throws std::invalid_argument for any that is no multiple of 4
/// or not below 2^34.
struct whole_blocks {
  std::uint32_t blocks = 0;

  constexpr whole_blocks() = default;
  constexpr whole_blocks(std::uint64_t elements)  // NOLINT(google-explicit-constructor): a number is what it is
      : blocks(static_cast<std::uint32_t>(elements / 4)) {
    if (elements % 4 != 0 || elements >> 34 != 0)
      detail::refuse("first_element", elements, "a multiple of 4 below 2^34");
  }
  friend bool operator==(const whole_blocks&, const whole_blocks&) = default;
};

struct philox {
  std::uint64_t seed = 0;           ///< one a run
  std::uint32_t first_sample = 0;   ///< id of the batch's first sample: any shard draws its own part
  whole_blocks first_element = {};  ///< of each sample, where x is a part of the samples: a multiple of 4

  /// Normals of elements 4 block .. 4 block + 3 of the batch's sample `sample`.
  [[nodiscard]] FOKKER_HD quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    return normals_of(philox4x32(counter(sample, block, piece), seed));
  }
  /// What is counted for them.
  [[nodiscard]] FOKKER_HD words counter(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    return {{first_element.blocks + block, first_sample + sample, piece.id, piece.stream}};
  }

  friend bool operator==(const philox&, const philox&) = default;
};

}  // namespace fokker::inline v0::noise
