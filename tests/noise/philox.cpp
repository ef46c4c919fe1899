// SPDX-License-Identifier: MIT
#include <fokker/noise/philox.hpp>

#include <array>
#include <bit>
#include <cmath>

#include <fokker/concept/noise_source.hpp>

#include "support/catch.hpp"

namespace noise = fokker::noise;
using noise::philox;
static_assert(fokker::noise_source<philox>);

namespace {
void check_words(noise::words counter, std::uint32_t key0, std::uint32_t key1, std::array<std::uint32_t, 4> expected) {
  const auto bits = noise::philox4x32(counter, key0, key1);
  for (std::size_t i = 0; i < 4; ++i) CHECK(bits.w[i] == expected[i]);
}
bool same(const noise::quad& a, const noise::quad& b) {
  return a.z[0] == b.z[0] && a.z[1] == b.z[1] && a.z[2] == b.z[2] && a.z[3] == b.z[3];
}
}  // namespace

TEST_CASE("philox gives the known answers of Random123") {
  const std::uint32_t ones = 0xffffffffu;
  check_words({{0, 0, 0, 0}}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check_words({{ones, ones, ones, ones}}, ones, ones, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check_words({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0,
              {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("the counter is (block, sample id, noise id, stream) and the key is the seed") {
  const philox source{.seed = 0x123456789abcdef0u, .first_sample = 70};
  const auto bits = noise::philox4x32({{5, 73, 7, 1}}, 0x9abcdef0u, 0x12345678u);
  const auto a = noise::box_muller(bits.w[0], bits.w[1]), b = noise::box_muller(bits.w[2], bits.w[3]);
  CHECK(same(source.normals(3, 5, 7, 1), {{a.z0, a.z1, b.z0, b.z1}}));
}

TEST_CASE("a shard draws its own part") {
  for (std::uint32_t k = 0; k < 100; ++k)
    CHECK(same(philox{.seed = 1}.normals(k, 2, 3, 1), philox{.seed = 1, .first_sample = k}.normals(0, 2, 3, 1)));
}

TEST_CASE("the normals of the contract never change") {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a of the bits; the same for g++ and clang, at every level and target
  for (std::uint32_t sample = 0; sample < 4; ++sample)
    for (std::uint32_t block = 0; block < 4096; ++block)
      for (const float z : philox{.seed = 42}.normals(sample, block, 9, 1).z)
        hash = (hash ^ std::bit_cast<std::uint32_t>(z)) * 0x100000001b3u;
  CHECK(hash == 0x4f8e62aa946b3662u);
}

TEST_CASE("moments of 2^20 normals are those of the law, within five deviations") {
  double sums[5] = {};
  constexpr int blocks = 1 << 18;
  for (std::uint32_t block = 0; block < blocks; ++block)
    for (const float z : philox{.seed = 7}.normals(0, block, 0, 0).z)
      for (int k = 1; k <= 4; ++k) sums[k] += std::pow(static_cast<double>(z), k);
  const double n = 4.0 * blocks;
  // Variances of z, z^2, z^3, z^4: 1, 2, 15, 96.
  CHECK(std::abs(sums[1] / n) < 5 * std::sqrt(1 / n));
  CHECK(std::abs(sums[2] / n - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(sums[3] / n) < 5 * std::sqrt(15 / n));
  CHECK(std::abs(sums[4] / n - 3) < 5 * std::sqrt(96 / n));
}
