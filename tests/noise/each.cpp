// SPDX-License-Identifier: MIT
#include <fokker/noise/each.hpp>

#include <span>
#include <vector>

#include <fokker/noise/numpy_legacy.hpp>
#include <fokker/noise/torch_cpu.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::torch_cpu;
static_assert(fk::noise_sequence<fk::noise::each<torch_cpu>>);
static_assert(fk::has_samples<fk::noise::each<fk::noise::numpy_legacy>>);

TEST_CASE("each generator fills its own sample, and goes on in the next tensor") {
  fk::noise::each noise{std::vector{torch_cpu(1), torch_cpu(2), torch_cpu(1)}};
  CHECK(noise.samples() == 3);
  torch_cpu one(1), two(2);
  for (const std::size_t size : {7u, 20u}) {
    std::vector<float> all(3 * size), a(size), b(size);
    noise.fill(all);
    one.fill(std::span(a));
    two.fill(std::span(b));
    std::vector<float> expected = a;
    expected.insert(expected.end(), b.begin(), b.end());
    expected.insert(expected.end(), a.begin(), a.end());
    CHECK(all == expected);
  }
}
