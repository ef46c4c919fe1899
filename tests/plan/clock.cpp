// SPDX-License-Identifier: MIT
#include <fokker/plan/clock.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/dice.hpp"

namespace fk = fokker;
using ticks = fk::plan::clock;

namespace {
const fk::level noise{.time = 1, .alpha = 0, .sigma = 1}, high{.time = 0.8, .alpha = 0.5, .sigma = 2},
    low{.time = 0.2, .alpha = 1, .sigma = 0.25}, data{.time = 0, .alpha = 1, .sigma = 0};
}

TEST_CASE("a clock tells powers of alpha/sigma, exact at both ends", "[bits]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double power : {0.5, 1.0, 2.0, 7.0}) {
    CHECK(ticks{power}(noise) == 0);
    CHECK(ticks{power}(data) == infinity);
    CHECK(ticks{-power}(noise) == infinity);
    CHECK(ticks{-power}(data) == 0);
  }
  CHECK(ticks{2}(high) == 0.0625);
  CHECK(ticks{2}(low) == 16);
  CHECK(ticks{-1}(high) == 4);
  CHECK(ticks{-2}(low) == 0.0625);
  for (const auto& l : {noise, high, low, data}) CHECK(ticks{0}(l) == 0);
  CHECK(ticks{} == ticks{2});
}

TEST_CASE("a piece has its part of the variance of a span", "[bits]") {
  const fk::level middle{.time = 0.5, .alpha = 1, .sigma = 1};
  for (const double power : {-2.0, -1.0, 0.7, 2.0}) {
    const ticks c{power};
    const double all = c(low) - c(high);
    CHECK(c.share(high, middle, high, low) == Approx((c(middle) - c(high)) / all).epsilon(1e-14));
    CHECK(c.share(middle, low, high, low) == Approx((c(low) - c(middle)) / all).epsilon(1e-14));
    CHECK(c.share(high, low, high, low) == 1);
  }
  // Where a position is infinite the piece that ends there has all of it.
  CHECK(ticks{2}.share(low, data, noise, data) == 1);
  CHECK(ticks{2}.share(noise, low, noise, data) == 0);
  CHECK(ticks{-1}.share(noise, low, noise, data) == 1);
  CHECK(ticks{-1}.share(low, data, noise, data) == 0);
  CHECK(ticks{2}.share(noise, high, noise, low) == Approx(0.0625 / 16).epsilon(1e-14));
}

TEST_CASE("shares of near levels keep their digits") {
  // r = 1, 1 - 2^-40, 1 - 2^-39 in variance exploding: halves, to the curvature of the clock, 2^-40.
  const auto at = [](double r) { return fk::level{.time = r, .alpha = 1, .sigma = r}; };
  const double share = ticks{2}.share(at(1), at(1 - 0x1p-40), at(1), at(1 - 0x1p-39));
  CHECK(share == Approx(0.5).epsilon(1e-11));
}

TEST_CASE("a path is of one visit more than those that it overlaps") {
  test::dice d(7);
  for (int trial = 0; trial < 200; ++trial) {
    fk::plan::visits visits;
    struct path {
      double from, to;
      std::uint32_t visit;
    };
    std::vector<path> earlier;
    for (int i = 0; i < 40; ++i) {
      const double a = d.below(12), b = d.below(12);
      std::uint32_t expected = 0;
      for (const path& e : earlier)
        if (std::max(std::min(a, b), std::min(e.from, e.to)) < std::min(std::max(a, b), std::max(e.from, e.to)))
          expected = std::max(expected, e.visit + 1);
      if (a == b) expected = 0;
      CHECK(visits(a, b) == expected);
      if (a != b) earlier.push_back({a, b, expected});
    }
  }
}

TEST_CASE("visits of finer steps are those of the coarse ones they are of, whose ends touch") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  fk::plan::visits coarse, fine;
  for (std::uint32_t round = 0; round < 3; ++round) {
    CHECK(coarse(0, 4) == round);
    CHECK(coarse(4, infinity) == round);
    for (const std::array<double, 2>& step : {std::array{0.0, 1.0}, {1.0, 4.0}, {4.0, 9.0}, {9.0, infinity}})
      CHECK(fine(step[0], step[1]) == round);
  }
}
