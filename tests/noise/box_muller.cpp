// SPDX-License-Identifier: MIT
#include <fokker/noise/box_muller.hpp>
#include <fokker/noise/philox.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "support/catch.hpp"
#include "support/exact_normals.hpp"

namespace fk = fokker;
using test::exact_direction, test::exact_radius, test::ulps;

namespace {
// Random words, then words near both ends and near each multiple of pi/4.
template <class Visit>
void for_each_pair(Visit visit) {
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const fk::noise::words x = fk::noise::philox4x32({{i, 0, 0, 0}}, 7);
    visit(x.w[0], x.w[1]);
    visit(x.w[2] >> x.w[1] % 32, x.w[3]);     // large radii
    visit(~(x.w[2] >> x.w[1] % 32), x.w[3]);  // small radii
  }
  for (std::uint32_t i = 0; i < 1000; ++i) {
    for (std::uint32_t eighth = 0; eighth < 8; ++eighth) {
      visit(i, (eighth << 29) + i);
      visit(~i, (eighth << 29) - i);
    }
  }
}
}  // namespace

// With h = 2^-24 and first order: the last fma rounds by h, the terms below it and the polynomial err by less than h of
// a part, at most the whole, of -2 log u; the root halves the sum and adds h. 2 h are at most 2 ulp; over every uniform
// the worst is 1.05.
TEST_CASE("the radius is within 1.25 ulp of sqrt(-2 log u)") {
  double worst = 0;
  for_each_pair(
      [&](std::uint32_t a, std::uint32_t) { worst = std::max(worst, ulps(fk::noise::radius(a), exact_radius(a))); });
  for (std::uint64_t a = 0; a < std::uint64_t{1} << 32; a += 9973)
    worst = std::max(
        worst, ulps(fk::noise::radius(static_cast<std::uint32_t>(a)), exact_radius(static_cast<std::uint32_t>(a))));
  CHECK(worst < 1.25);
}

// Half an ulp of the last fma and less than that of the terms below it.
TEST_CASE("the direction is within one ulp of the circle") {
  double worst = 0;
  for_each_pair([&](std::uint32_t, std::uint32_t b) {
    const auto [x, y] = exact_direction(b);
    const fk::noise::point n = fk::noise::direction(b);
    worst = std::max({worst, ulps(n.x, x), ulps(n.y, y)});
  });
  CHECK(worst < 1);
}

// The product adds half an ulp to the relative errors of its factors.
TEST_CASE("normals are within 3 ulp of Box-Muller") {
  double worst = 0;
  for_each_pair([&](std::uint32_t a, std::uint32_t b) {
    const long double r = exact_radius(a);
    const auto [x, y] = exact_direction(b);
    const fk::noise::point z = fk::noise::box_muller(a, b);
    worst = std::max({worst, ulps(z.x, r * x), ulps(z.y, r * y)});
  });
  CHECK(worst < 3);
}

TEST_CASE("normals are finite and at most sqrt(64 log 2) = 6.6604...") {
  const float bound = fk::noise::radius(0);
  CHECK(bound == Approx(std::sqrt(64 * std::numbers::ln2)).epsilon(1e-7));
  CHECK(fk::noise::radius(0xffffffff) == 0);
  CHECK_FALSE(std::signbit(fk::noise::radius(0xffffffff)));
  bool within = true;
  for_each_pair([&](std::uint32_t a, std::uint32_t b) {
    const fk::noise::point z = fk::noise::box_muller(a, b);
    within = within && std::abs(z.x) <= bound && std::abs(z.y) <= bound;  // false for NaN
  });
  CHECK(within);
}

TEST_CASE("the two highest bits swap the normals and negate them") {
  const fk::noise::point z = fk::noise::box_muller(0x12345678, 0x07654321);
  const fk::noise::point swapped = fk::noise::box_muller(0x12345678, 0x47654321);
  const fk::noise::point negated = fk::noise::box_muller(0x12345678, 0x87654321);
  CHECK(swapped.x == z.y);
  CHECK(swapped.y == z.x);
  CHECK(negated.x == -z.x);
  CHECK(negated.y == -z.y);
}

TEST_CASE("a normal of radius 0 has the sign of its direction, as every product has", "[bits]") {
  for (const std::uint32_t quarter : {0x07654321u, 0x47654321u, 0x87654321u, 0xc7654321u}) {
    const fk::noise::point n = fk::noise::direction(quarter), z = fk::noise::box_muller(0xffffffff, quarter);
    CHECK((z.x == 0 && std::signbit(z.x) == std::signbit(n.x)));
    CHECK((z.y == 0 && std::signbit(z.y) == std::signbit(n.y)));
  }
}
