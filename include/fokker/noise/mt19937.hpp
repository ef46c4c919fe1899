// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fokker::inline v0::noise {

/// MT19937 (Matsumoto & Nishimura 1998): words of 32 bits in their order, from a seed of 32 bits.
class mt19937 {
 public:
  static constexpr std::size_t size = 624;  ///< words that are made at a time

  explicit mt19937(std::uint32_t seed) {
    for (std::uint32_t i = 0; i < size; ++i) {
      state_[i] = seed;
      seed = 1812433253u * (seed ^ seed >> 30) + i + 1;
    }
  }

  std::uint32_t operator()() {
    if (used_ == size) renew();
    return words_[used_++];
  }
  /// 53 bits of two words, the first of which is the high one.
  double uniform_53() {
    const std::uint64_t high = (*this)();
    return static_cast<double>((high << 32 | (*this)()) & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
  }
  /// `to(i, word)` for the next `count` words, i = 0, 1, ...
  template <class F>
  void next_words(std::size_t count, const F& to) {
    for (std::size_t done = 0; done < count;) {
      if (used_ == size) renew();
      const std::size_t here = count - done < size - used_ ? count - done : size - used_;
      const std::uint32_t* from = words_.data() + used_;
      for (std::size_t i = 0; i < here; ++i) to(done + i, from[i]);
      done += here, used_ += here;
    }
  }

  friend bool operator==(const mt19937&, const mt19937&) = default;

 private:
  static constexpr std::size_t middle = 397;
  static std::uint32_t twisted(std::uint32_t a, std::uint32_t b) {
    return ((a & 0x80000000u) | (b & 0x7fffffffu)) >> 1 ^ ((0u - (b & 1u)) & 0x9908b0dfu);
  }
  void renew() {
    std::uint32_t* s = state_.data();
    for (std::size_t k = 0; k < size - middle; ++k) s[k] = s[k + middle] ^ twisted(s[k], s[k + 1]);
    for (std::size_t k = size - middle; k + 1 < size; ++k) s[k] = s[k + middle - size] ^ twisted(s[k], s[k + 1]);
    s[size - 1] = s[middle - 1] ^ twisted(s[size - 1], s[0]);
    for (std::size_t k = 0; k < size; ++k) {
      std::uint32_t y = s[k];
      y ^= y >> 11;
      y ^= y << 7 & 0x9d2c5680u;
      y ^= y << 15 & 0xefc60000u;
      words_[k] = y ^ y >> 18;
    }
    used_ = 0;
  }

  std::array<std::uint32_t, size> state_{}, words_{};
  std::size_t used_ = size;
};

}  // namespace fokker::inline v0::noise
