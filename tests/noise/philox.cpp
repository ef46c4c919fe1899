// SPDX-License-Identifier: MIT
#include <fokker/noise/philox.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {
bool same(const fk::noise::quad& a, const fk::noise::quad& b) {
  return a.z[0] == b.z[0] && a.z[1] == b.z[1] && a.z[2] == b.z[2] && a.z[3] == b.z[3];
}
// The normals of a counter, from the raw generator.
fk::noise::quad expected(fk::noise::words counter, std::uint64_t key) {
  const fk::noise::words x = fk::noise::philox4x32(counter, key);
  const fk::noise::point a = fk::noise::box_muller(x.w[0], x.w[1]);
  const fk::noise::point b = fk::noise::box_muller(x.w[2], x.w[3]);
  return {{a.x, a.y, b.x, b.y}};
}
}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  using fk::noise::philox4x32;
  using fk::noise::words;
  STATIC_REQUIRE(philox4x32({{0, 0, 0, 0}}, 0) == words{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  STATIC_REQUIRE(philox4x32({{~0u, ~0u, ~0u, ~0u}}, ~std::uint64_t{0}) ==
                 words{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  // The digits of pi: the key is a4093822, 299f31d0.
  STATIC_REQUIRE(philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0'a4093822) ==
                 words{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST_CASE("the counter is block, sample, noise and stream, the key is the seed") {
  const fk::noise::philox noise{.seed = 0x01234567'89abcdef, .first_sample = 100};
  CHECK(same(noise.normals(0, 0, {0, 0}), expected({{0, 100, 0, 0}}, noise.seed)));
  CHECK(same(noise.normals(7, 0, {0, 0}), expected({{0, 107, 0, 0}}, noise.seed)));
  CHECK(same(noise.normals(0, 7, {0, 0}), expected({{7, 100, 0, 0}}, noise.seed)));
  CHECK(same(noise.normals(0, 0, {0, 7}), expected({{0, 100, 7, 0}}, noise.seed)));
  CHECK(same(noise.normals(0, 0, {7, 0}), expected({{0, 100, 0, 7}}, noise.seed)));
  CHECK(same(noise.normals(1, 2, {4, 3}), expected({{2, 101, 3, 4}}, noise.seed)));
}

TEST_CASE("a shard draws its own part of the batch") {
  const fk::noise::philox whole{.seed = 42};
  for (std::uint32_t k : {1u, 5u, 0x80000000u, 0xffffffffu}) {
    const fk::noise::philox shard{.seed = 42, .first_sample = k};
    CHECK(shard != whole);
    CHECK(same(shard.normals(0, 11, {1, 3}), whole.normals(k, 11, {1, 3})));
  }
}

TEST_CASE("a shard of samples draws its own elements") {
  const fk::noise::philox whole{.seed = 9, .first_sample = 2}, part{.seed = 9, .first_sample = 2, .first_element = 20};
  for (std::uint32_t b = 0; b < 5; ++b) CHECK(same(part.normals(1, b, {1, 3}), whole.normals(1, 5 + b, {1, 3})));
  // Samples of 30 elements in parts of 8, 20 and 2, through the kernels.
  std::vector<float> x(3 * 30);
  fk::fill_normal(whole, fk::backend::host_view{x.data(), {3, 30}});
  for (const auto& [first, size] : {std::pair<std::size_t, std::size_t>{0, 8}, {8, 20}, {28, 2}}) {
    std::vector<float> own(3 * size);
    fk::fill_normal(fk::noise::philox{.seed = 9, .first_sample = 2, .first_element = first},
                    fk::backend::host_view{own.data(), {3, size}});
    for (std::size_t s = 0; s < 3; ++s)
      for (std::size_t e = 0; e < size; ++e) CHECK(own[s * size + e] == x[s * 30 + first + e]);
  }
}

TEST_CASE("a first element that is not that of a block, or beyond the last one, is refused") {
  const auto refused = [](std::uint64_t first, const char* text) {
    CHECK_THROWS_WITH((fk::noise::philox{.seed = 1, .first_element = first}), text);
  };
  refused(6, "fokker: first_element is 6; allowed: a multiple of 4 below 2^34");
  refused(std::uint64_t{1} << 34, "fokker: first_element is 17179869184; allowed: a multiple of 4 below 2^34");
  CHECK((fk::noise::philox{.first_element = (std::uint64_t{1} << 34) - 4}.first_element.blocks) == 0xffffffffu);
  static_assert(sizeof(fk::noise::philox) == 16);  // as a table in memory of a device
}

// The bits are a promise: this hash is equal on every compiler and never changes.
TEST_CASE("the first 65536 normals of seed 42 are what they always were") {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over the bytes, low byte first
  for (std::uint32_t block = 0; block < 1u << 14; ++block) {
    for (float z : fk::noise::philox{.seed = 42}.normals(0, block, {0, 0}).z) {
      const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, z);
      for (int shift = 0; shift < 32; shift += 8) {
        hash = (hash ^ (bits >> shift & 0xff)) * 0x100000001b3;
      }
    }
  }
  CHECK(hash == 0xa8c131f5771a40d5);
}

// The standard deviation of the mean of f(z) over n normals is sqrt(Var f / n), with moments
// E z^2k = (2k - 1)!!.
TEST_CASE("moments of 2^20 normals are those of theory within five standard deviations") {
  const std::uint32_t blocks = 1u << 18;
  double mean = 0, square = 0, cube = 0, fourth = 0, pair = 0, lag = 0;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const fk::noise::quad q = fk::noise::philox{.seed = 1}.normals(2, block, {1, 3});
    for (double z : q.z) {
      mean += z;
      square += z * z;
      cube += z * z * z;
      fourth += z * z * z * z;
    }
    pair += double{q.z[0]} * q.z[1] + double{q.z[2]} * q.z[3];
    lag += double{q.z[0]} * q.z[2] + double{q.z[1]} * q.z[3];
  }
  const double n = 4.0 * blocks;
  CHECK(std::abs(mean / n) < 5 * std::sqrt(1 / n));
  CHECK(std::abs(square / n - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(cube / n) < 5 * std::sqrt(15 / n));
  CHECK(std::abs(fourth / n - 3) < 5 * std::sqrt(96 / n));
  CHECK(std::abs(pair / (n / 2)) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(lag / (n / 2)) < 5 * std::sqrt(2 / n));
}
