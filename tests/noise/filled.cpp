// SPDX-License-Identifier: MIT
#include <fokker/noise/filled.hpp>

#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/noise/torch_cpu.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("what a callable writes is the noise, and what it refers to goes on") {
  fk::noise::torch_cpu generator(3), same(3);
  const auto by = [&](std::span<float> z) { generator.fill(z); };
  static_assert(fk::noise_sequence<fk::noise::filled<decltype(by)>>);
  for (int run = 0; run < 2; ++run) {
    fk::noise::filled noise{by};
    std::vector<float> z(20), expected(20);
    noise.fill(z);
    same.fill(std::span(expected));
    CHECK(z == expected);
  }
}
