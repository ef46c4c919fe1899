// SPDX-License-Identifier: MIT
#include <fokker/blend.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/half.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

namespace {

template <class E = double>
std::vector<E> normals(std::uint64_t seed, std::size_t size = 4096) {
  std::vector<E> x(size);
  fk::fill_normal(fk::noise::philox{.seed = seed}, fk::backend::one_sample(x));
  return x;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t e = 0; e < a.size(); ++e) sum = std::fma(a[e], b[e], sum);
  return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("a blend of normals has their variance, and the share of one is its correlation") {
  const std::vector<double> a = normals(1), b = normals(2);
  std::vector<double> y(a.size());
  for (const double share : {0.0, 0.1, 0.6, 1.0}) {
    fk::blend(a, b, share, y);
    // Means of 4096 products, whose deviations are at most sqrt(2); six of them.
    const double chance = 6 * std::sqrt(2.0 / 4096);
    CHECK(std::abs(product(y, y) - 1) < chance);
    CHECK(std::abs(product(y, b) - share) < chance);
    CHECK(std::abs(product(y, a) - std::sqrt(1 - share * share)) < chance);
    for (std::size_t e = 0; e < y.size(); ++e) {
      const double of_a = std::sqrt(1 - share * share) * a[e], of_b = share * b[e];
      CHECK(std::abs(y[e] - (of_a + of_b)) <= 6 * law::u * (std::abs(of_a) + std::abs(of_b)));
    }
  }
}

TEST_CASE("at the ends of a way, and at each quarter of a turn, it is one of both to the bit") {
  const std::vector<float> a = normals<float>(1, 37), b = normals<float>(2, 37);
  std::vector<float> y(37), minus_a, minus_b;
  for (const float v : a) minus_a.push_back(-v);
  for (const float v : b) minus_b.push_back(-v);
  fk::blend(a, b, 0, y);
  CHECK(y == a);
  fk::blend(a, b, 1, y);
  CHECK(y == b);
  fk::blend(a, b, -1, y);
  CHECK(y == minus_b);
  for (const double turns : {0.0, 1.0, -3.0, 1e15}) {
    fk::blend_around(a, b, turns, y);
    CHECK(y == a);
    fk::blend_around(a, b, turns + 0.25, y);
    CHECK(y == b);
    fk::blend_around(a, b, turns + 0.5, y);
    CHECK(y == minus_a);
    fk::blend_around(a, b, turns + 0.75, y);
    CHECK(y == minus_b);
  }
  fk::blend_around(a, b, -1e-300, y);
  CHECK(y == a);
}

TEST_CASE("a walk around goes at one speed and closes") {
  const std::vector<double> a = normals(1), b = normals(2);
  std::vector<double> y(a.size()), next(a.size());
  for (int k = -30; k <= 30; ++k) {
    const double turns = k / 12.0, angle = 2 * std::numbers::pi * turns;
    fk::blend_around(a, b, turns, y);
    for (std::size_t e = 0; e < 40; ++e) {
      const double exact = std::fma(std::cos(angle), a[e], std::sin(angle) * b[e]);
      // The angle, up to 16, is rounded once here and in the library's reduction, and so are turns.
      CHECK(std::abs(y[e] - exact) <= 8 * 16 * law::u * (std::abs(a[e]) + std::abs(b[e])));
    }
  }
}

TEST_CASE("the result may be one of both, and all elements go") {
  std::vector<fk::half> a = normals<fk::half>(1, 11), b = normals<fk::half>(2, 11), y(11), first = a;
  fk::blend(a, b, 0.5, y);
  fk::blend(a, b, 0.5, a);
  fk::blend(first, b, 0.5, b);
  for (std::size_t e = 0; e < 11; ++e) {
    CHECK(static_cast<float>(a[e]) == static_cast<float>(y[e]));
    CHECK(static_cast<float>(b[e]) == static_cast<float>(y[e]));
  }
}

TEST_CASE("shares, turns and shapes that are none are refused") {
  std::vector<float> a(4), b(4), y(4), longer(5);
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  law::refused([&] { fk::blend(a, b, 1.5, y); }, {"share is 1.5; allowed: -1 to 1"});
  law::refused([&] { fk::blend(a, b, nan, y); }, {"share is nan; allowed: -1 to 1"});
  law::refused([&] { fk::blend_around(a, b, infinity, y); }, {"turns is inf; allowed: a finite number"});
  law::refused([&] { fk::blend(a, longer, 0.5, y); }, {"the shape of b is (5);"});
  law::refused([&] { fk::blend(a, b, 0.5, longer); }, {"the shape of the result is (5);"});
}
