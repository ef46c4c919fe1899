// SPDX-License-Identifier: MIT
// The errors of Box-Muller against long double: of the radius for every uniform, of the direction for every angle, and
// of normals for 10^8 pairs. Prints them with their bounds, and returns 1 where one is passed.
#include <algorithm>
#include <cstdint>
#include <cstdio>

#include <fokker/noise/philox.hpp>

#include "../support/exact_normals.hpp"

namespace noise = fokker::noise;
using test::exact_direction, test::exact_radius, test::ulps;

namespace {

/// Visits all whole numbers up to 2^bits that floats tell apart.
template <class Visit>
void each_float(int bits, Visit visit) {
  std::uint64_t step = 1;
  for (std::uint64_t i = 0; i < std::uint64_t{1} << bits; i += step) {
    if (i >> 24 >= step) step *= 2;
    visit(static_cast<std::uint32_t>(i));
  }
  visit(static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1));  // rounds to 2^bits
}

bool say(const char* what, std::uint64_t count, double worst, double bound) {
  std::printf("%s: %.4f ulp at worst of %llu, allowed %.1f\n", what, worst, static_cast<unsigned long long>(count),
              bound);
  return worst <= bound;
}

}  // namespace

int main() {
  double radius = 0, direction = 0, normal = 0;
  std::uint64_t radii = 0, angles = 0;
  each_float(31, [&](std::uint32_t i) {
    ++radii;
    radius = std::max(radius, ulps(noise::radius(2 * i), exact_radius(2 * i)));
  });
  bool symmetric = true;
  each_float(29, [&](std::uint32_t i) {
    ++angles;
    const noise::point here = noise::direction(i), there = noise::direction((0x40000000u - i) & 0x3fffffffu);
    const auto [x, y] = exact_direction(i);
    direction = std::max({direction, ulps(here.x, x), ulps(here.y, y)});
    symmetric = symmetric && there.x == here.x && there.y == -here.y;  // -i, in 30 bits
  });
  constexpr std::uint32_t blocks = 50'000'000;  // two pairs a block, two normals a pair
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const noise::words w = noise::philox4x32({{block, 1, 2, 3}}, 7);
    for (const int p : {0, 2}) {
      const noise::point z = noise::box_muller(w.w[p], w.w[p + 1]);
      const long double r = exact_radius(w.w[p]);
      const auto [x, y] = exact_direction(w.w[p + 1]);
      normal = std::max({normal, ulps(z.x, r * x), ulps(z.y, r * y)});
    }
  }
  const bool close = say("radius", radii, radius, 1.5) & say("direction", angles, direction, 1) &
                     say("normals", std::uint64_t{4} * blocks, normal, 3);
  if (!symmetric) std::puts("the direction of -v is not that of v, mirrored");
  return close && symmetric ? 0 : 1;
}
