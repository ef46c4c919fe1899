// SPDX-License-Identifier: MIT
#include <fokker/training/dropped.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::training::dropped;

TEST_CASE("a sample is dropped by its id, in every shard alike") {
  const dropped half{.share = 0.5};
  for (std::uint32_t s = 0; s < 100; ++s)
    CHECK(half({.seed = 1, .first_sample = 40}, s) == half({.seed = 1, .first_sample = 40 + s}, 0));
}

TEST_CASE("a larger share drops what a smaller one does; 0 none, 1 all") {
  for (std::uint32_t s = 0; s < 1000; ++s) {
    CHECK_FALSE(dropped{.share = 0}({.seed = 1}, s));
    CHECK(dropped{.share = 1}({.seed = 1}, s));
    if (dropped{.share = 0.1}({.seed = 1}, s)) CHECK(dropped{.share = 0.2}({.seed = 1}, s));
  }
}

TEST_CASE("a sample is dropped whose number of the condition is below the share") {
  const fk::noise::philox source{.seed = 4};
  for (const std::uint32_t which : {0u, 1u, 2u}) {
    const double number = fk::training::number(source, 3, fk::training::condition + which);
    CHECK_FALSE(dropped{number, which}(source, 3));
    CHECK(dropped{std::nextafter(number, 1), which}(source, 3));
  }
}

TEST_CASE("what is no share is refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double share : {-0.1, 1.1, nan})
    law::refused([&] { (void)dropped{.share = share}({}, 0); }, {"share is ", "allowed: 0 to 1"});
}

TEST_CASE("shares are what they are called, and two conditions are dropped independently", "[statistics]") {
  const int n = 200'000;
  int first = 0, second = 0, both = 0;
  for (int s = 0; s < n; ++s) {
    const bool a = dropped{.share = 0.1}({.seed = 9}, static_cast<std::uint32_t>(s));
    const bool b = dropped{.share = 0.5, .which = 1}({.seed = 9}, static_cast<std::uint32_t>(s));
    first += a, second += b, both += a && b;
  }
  const auto deviations = [&](int count, double share) {
    return std::abs(count - share * n) / std::sqrt(n * share * (1 - share));
  };
  CHECK(deviations(first, 0.1) < 4);
  CHECK(deviations(second, 0.5) < 4);
  CHECK(deviations(both, 0.05) < 4);
}
