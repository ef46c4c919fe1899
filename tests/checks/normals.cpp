// SPDX-License-Identifier: MIT
// The errors of Box-Muller against long double: of the radius for every uniform, of the direction for every angle, and
// of normals for 10^8 pairs. Prints them with their bounds, and returns 1 where one is passed.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>

#include <fokker/detail/is_finite.hpp>
#include <fokker/noise/philox.hpp>

namespace noise = fokker::noise;

namespace {

/// The distance of a float from an exact value, in units in the last place of the latter.
double ulps(float value, long double exact) {
  if (!fokker::detail::is_finite(value)) return 1e9;
  if (exact == 0) return value == 0 ? 0 : 1e9;
  return static_cast<double>(std::fabs(value - exact) / std::ldexp(1.0L, std::ilogb(exact) - 23));
}

long double exact_radius(std::uint32_t a) {
  const float u = std::fma(static_cast<float>(a >> 1), 0x1p-31f, 0x1p-32f);
  return std::sqrt(-2 * std::log(static_cast<long double>(u)));
}

/// Words 0 and 1 of the direction's highest bits aside, the angle is pi/4 times this fraction.
long double angle(std::uint32_t b) {
  const auto low = static_cast<float>(static_cast<std::int32_t>(b << 2)) * 0x1p-31f;
  return std::numbers::pi_v<long double> / 4 * low;
}

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
    const long double exact = angle(i);
    direction = std::max({direction, ulps(here.x, std::cos(exact)), ulps(here.y, std::sin(exact))});
    symmetric = symmetric && there.x == here.x && there.y == -here.y;  // -i, in 30 bits
  });
  constexpr std::uint32_t blocks = 50'000'000;  // two pairs a block, two normals a pair
  for (std::uint32_t block = 0; block < blocks; ++block) {
    const noise::words w = noise::philox4x32({{block, 1, 2, 3}}, 7);
    for (const int p : {0, 2}) {
      const noise::point z = noise::box_muller(w.w[p], w.w[p + 1] & 0x3fffffffu);
      const long double r = exact_radius(w.w[p]), at = angle(w.w[p + 1]);
      normal = std::max({normal, ulps(z.x, r * std::cos(at)), ulps(z.y, r * std::sin(at))});
    }
  }
  const bool close = say("radius", radii, radius, 1.5) & say("direction", angles, direction, 1) &
                     say("normals", std::uint64_t{4} * blocks, normal, 3);
  if (!symmetric) std::puts("the direction of -v is not that of v, mirrored");
  return close && symmetric ? 0 : 1;
}
