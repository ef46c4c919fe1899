// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fokker::inline v0::noise {

/// numpy.random.SeedSequence: from a number and the key of a child, words that seed generators (O'Neill 2015). `Pool`
/// is its pool_size.
template <std::size_t Pool = 4>
class seed_sequence {
 public:
  explicit seed_sequence(std::uint64_t entropy, std::span<const std::uint32_t> spawn_key = {}) {
    std::vector<std::uint32_t> words{static_cast<std::uint32_t>(entropy)};
    if (entropy >> 32 != 0) words.push_back(static_cast<std::uint32_t>(entropy >> 32));
    if (words.size() < Pool) words.resize(Pool);  // or a child were its parent of other entropy
    words.insert(words.end(), spawn_key.begin(), spawn_key.end());

    std::uint32_t key = 0x43b0d7e5;
    const auto hashed = [&key](std::uint32_t word) {
      word ^= key;
      key *= 0x931e8875;
      word *= key;
      return word ^ word >> 16;
    };
    const auto mix = [](std::uint32_t& into, std::uint32_t word) {
      into = 0xca01f9dd * into - 0x4973f715 * word;
      into ^= into >> 16;
    };
    for (std::size_t i = 0; i < Pool; ++i) pool_[i] = hashed(words[i]);
    for (std::size_t from = 0; from < Pool; ++from)
      for (std::size_t to = 0; to < Pool; ++to)
        if (from != to) mix(pool_[to], hashed(pool_[from]));
    for (std::size_t from = Pool; from < words.size(); ++from)
      for (std::uint32_t& to : pool_) mix(to, hashed(words[from]));
  }

  /// The first words, as of generate_state.
  template <std::size_t Count>
  [[nodiscard]] std::array<std::uint32_t, Count> words() const {
    std::array<std::uint32_t, Count> all{};
    std::uint32_t key = 0x8b51f9dd;
    for (std::size_t i = 0; i < Count; ++i) {
      std::uint32_t word = pool_[i % Pool] ^ key;
      key *= 0x58f38ded;
      word *= key;
      all[i] = word ^ word >> 16;
    }
    return all;
  }

 private:
  std::array<std::uint32_t, Pool> pool_{};
};

}  // namespace fokker::inline v0::noise
