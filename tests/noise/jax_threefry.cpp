// SPDX-License-Identifier: MIT
#include <fokker/noise/jax_threefry.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include <fokker/concept/noise_source.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/jax_threefry.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::jax_threefry;
static_assert(fk::noise_sequence<jax_threefry> && !fk::noise_source<jax_threefry>);

TEST_CASE("Threefry2x32 gives the known answers of Random123") {
  using words = std::array<std::uint32_t, 2>;
  using fk::noise::threefry2x32;
  STATIC_REQUIRE(threefry2x32({0, 0}, {0, 0}) == words{0x6b200159, 0x99ba4efe});
  STATIC_REQUIRE(threefry2x32({~0u, ~0u}, {~0u, ~0u}) == words{0x1cb996fc, 0xbb002be7});
  STATIC_REQUIRE(threefry2x32({0x13198a2e, 0x03707344}, {0x243f6a88, 0x85a308d3}) == words{0xc4923a9c, 0x483df7a0});
}

// XLA's log1p errs by its own units: over 2^21 normals three of theirs at most, and two among the stored ones. All else
// is jax's to the bit.
TEST_CASE("normals are jax's, whichever way its counters are split", "[bits]") {
  double most = 0;
  for (const auto& real : test::jax_threefry) most = std::max(most, test::furthest(real, jax_threefry(real.seed)));
  for (const auto& real : test::jax_threefry_in_halves)
    most = std::max(most, test::furthest(real, jax_threefry(real.seed, false)));
  CHECK(most <= 2);
}

// Numbers of jax 0.10.2: key_data(split(key(42), 3)[2]), partitionable and not.
TEST_CASE("a key splits as jax's does, and normals of a key leave it as it is") {
  using words = jax_threefry::words;
  CHECK(jax_threefry(42).child(2, 3) == words{0x92fb20ea, 0xf38d913});
  CHECK(jax_threefry(42, false).child(2, 3) == words{0x2fc69b62, 0x8cdb9797});
  const jax_threefry key(5);
  std::vector<float> a(3), b(3);
  key.normals(a);
  key.normals(b);
  CHECK(a == b);
  CHECK(key == jax_threefry(words{0, 5}));
}
