// SPDX-License-Identifier: MIT
#include <fokker/noise/torch_cpu.hpp>

#include <algorithm>
#include <vector>

#include <fokker/concept/noise_source.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/torch_cpu.hpp"
#include "noise/drawn/torch_cpu_plain.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::torch_cpu;
static_assert(fk::noise_sequence<torch_cpu> && !fk::noise_source<torch_cpu>);

// Fewer than 16 are made by the mathematical library, whose last bit of a double may be seen in a float once in 2^29.
TEST_CASE("float normals are torch's to the bit", "[bits]") {
  for (const auto& real : test::torch_cpu) {
    INFO("seed " << real.seed << ", first size " << real.sizes[0]);
    CHECK(test::furthest(real, torch_cpu(real.seed)) == 0);
  }
}

// Logarithm, cosine and product of the library, each within one unit of its own.
TEST_CASE("float normals of plain kernels, and double ones, are torch's within two units in the last place", "[bits]") {
  for (const auto& real : test::torch_cpu_plain)
    CHECK(test::furthest(real, torch_cpu(real.seed, fk::noise::torch_kernels::plain)) <= 2);
  for (const auto& real : test::torch_cpu_double) CHECK(test::furthest(real, torch_cpu(real.seed)) <= 2);
}

TEST_CASE("the sine that is left of a pair is the next short tensor's first, whatever is between them") {
  torch_cpu pair(3), split(3);
  std::vector<float> two(2), one(1), other(1), many(16);
  pair.fill(std::span(two));
  split.fill(std::span(one));
  torch_cpu copy = split;
  split.fill(std::span(many));
  split.fill(std::span(other));
  CHECK((one[0] == two[0] && other[0] == two[1]));
  CHECK(!(split == pair));
  std::vector<double> wide(1);
  copy.fill(std::span(wide));
  CHECK(static_cast<float>(wide[0]) == two[1]);
  CHECK(copy == pair);
}

TEST_CASE("a tensor whose size is no multiple of sixteen ends with sixteen normals drawn after the others") {
  std::vector<float> whole(32 + 32), tailed(35);
  torch_cpu a(5), b(5);
  a.fill(std::span(whole).first(32));
  b.fill(std::span(tailed));
  CHECK(std::equal(tailed.begin(), tailed.begin() + 19, whole.begin()));
  CHECK(!std::equal(tailed.begin() + 19, tailed.begin() + 32, whole.begin() + 19));
}

TEST_CASE("processors without AVX2 give the same bits", "[bits]") {
  std::vector<float> z(16000);
  fk::noise::mt19937 words(1);
  words.next_words(z.size(),
                   [&](std::size_t i, std::uint32_t word) { z[i] = static_cast<float>(word & 0xffffffu) * 0x1p-24f; });
  std::vector<float> best(z.size());
  torch_cpu(1).fill(std::span(best));
  fk::detail::torch_normals(z.data(), z.size() / 16);
  CHECK(z == best);
}
