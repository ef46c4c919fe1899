// SPDX-License-Identifier: MIT
#include <fokker/noise/box_muller.hpp>

#include <cmath>
#include <random>

#include "support/catch.hpp"

namespace noise = fokker::noise;

namespace {

long double exact_radius(std::uint32_t a) {
  const long double u = std::fma(static_cast<float>(static_cast<std::int32_t>(a >> 1)), 0x1p-31f, 0x1p-32f);
  return std::sqrt(-2 * std::log(u));
}

/// The error in units of the last place of a float near the exact value.
double ulps(float found, long double exact) {
  const float near = std::fabs(static_cast<float>(exact));
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / (std::nextafter(near, 1e9f) - near));
}

}  // namespace

TEST_CASE("the radius is right to 1.5 ulp, zero at u = 1 and at most 6.6605") {
  // 2^31 radii: every 997th, and 2^16 at either end.
  double worst = 0;
  bool bounded = true;
  const auto look = [&](std::uint64_t k) {
    const auto a = static_cast<std::uint32_t>(k << 1);
    const float r = noise::radius(a);
    if (exact_radius(a) > 0) worst = std::max(worst, ulps(r, exact_radius(a)));
    bounded = bounded && r >= 0 && r < 6.6605f;
  };
  constexpr std::uint64_t all = std::uint64_t{1} << 31;
  for (std::uint64_t k = 0; k < all; k += 997) look(k);
  for (std::uint64_t k = 0; k < 65536; ++k) look(k), look(all - 1 - k);
  CHECK(worst < 1.5);
  CHECK(bounded);
  CHECK(noise::radius(0xffffffffu) == 0);
  CHECK(noise::radius(0) > 6.66f);
}

TEST_CASE("normals are right to 3 ulp of the angle taken as a float") {
  std::mt19937 generator(5);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  double worst = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uint32_t a = random();
    // A share of them at small angles, where sine must keep its relative accuracy.
    const std::uint32_t b = i % 4 == 0 ? (random() & 0xc0000000u) | (random() & 0x3fffu) : random();
    const long double y = static_cast<float>(static_cast<std::int32_t>(b << 2)) * 0x1p-31f;
    const long double quarter = 0.785398163397448309615660845819875721L;
    const long double r = (b & 0x80000000u) != 0 ? -exact_radius(a) : exact_radius(a);
    const bool swapped = (b & 0x40000000u) != 0;
    const long double c = r * std::cos(quarter * y), s = r * std::sin(quarter * y);
    const auto z = noise::box_muller(a, b);
    worst = std::max({worst, ulps(z.z0, swapped ? s : c), ulps(z.z1, swapped ? c : s)});
  }
  CHECK(worst < 3);
}

TEST_CASE("the angles cover the circle once: every octant as often") {
  int octants[8] = {};
  for (std::uint32_t k = 0; k < 1u << 16; ++k) {
    const auto z = noise::box_muller(1u << 20, (k << 16) + 0x8000u);
    const double turn = std::atan2(z.z1, z.z0) / (2 * 3.14159265358979) + 1;
    ++octants[static_cast<int>(turn * 8) % 8];
  }
  for (const int count : octants) CHECK(count == 1 << 13);
}
