// SPDX-License-Identifier: MIT
#include <fokker/noise/mt19937.hpp>

#include <random>
#include <vector>

#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("MT19937 gives the words of the standard library's, one by one and many at a time") {
  for (const std::uint32_t seed : {0u, 1u, 5489u, 0xffffffffu}) {
    std::mt19937 expected(seed);
    fk::noise::mt19937 words(seed);
    for (const std::size_t count : {1u, 623u, 624u, 2000u, 0u, 7u}) {
      std::vector<std::uint32_t> many(count);
      words.next_words(count, [&](std::size_t i, std::uint32_t word) { many[i] = word; });
      for (const std::uint32_t word : many) CHECK(word == expected());
      CHECK(words() == expected());
    }
  }
}

TEST_CASE("53 bits are of two words, the first of which is the high one") {
  fk::noise::mt19937 pairs(9), words(9);
  const std::uint64_t high = words(), low = words();
  CHECK(pairs.uniform_53() == static_cast<double>((high & 0x1fffff) << 32 | low) / 0x1p53);
  CHECK(pairs == words);
}
