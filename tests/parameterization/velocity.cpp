// SPDX-License-Identifier: MIT
#include <fokker/parameterization/velocity.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::velocity;

TEST_CASE("velocity is alpha eps - sigma x0, unscaled, told the time") {
  const level l{.time = 0.3, .alpha = 0.8, .sigma = 0.6};
  CHECK(velocity{}.row(l) == prediction_row{-0.6, 0.8});
  CHECK(velocity::name == std::string("velocity"));
  CHECK(fokker::input_scale(velocity{}, l) == 1);
  CHECK(fokker::label(velocity{}, l) == 0.3);
}

TEST_CASE("velocity determines data and noise at both ends, exactly") {
  const level noise{.alpha = 0, .sigma = 1}, data{.alpha = 1, .sigma = 0};
  struct known {
    level at;
    prediction_row to;
    double of_x, of_p;
  };
  for (const known& k : {known{noise, {1, 0}, 0, -1}, known{noise, {0, 1}, 1, 0}, known{data, {1, 0}, 1, 0},
                         known{data, {0, 1}, 0, 1}}) {
    const auto c = fokker::convert(k.at, velocity{}.row(k.at), k.to);
    CHECK(c.determined);
    CHECK(c.of_x == k.of_x);
    CHECK(c.of_p == k.of_p);
  }
}

TEST_CASE("velocity gives x0 = alpha x - sigma v and eps = sigma x + alpha v where variance is preserved") {
  // Salimans & Ho 2022, appendix D. alpha^2 + sigma^2 is 1 to a rounding of each; the formula rounds below 8 times.
  const level l{.alpha = 0.8, .sigma = 0.6};
  const auto x0 = fokker::convert(l, velocity{}.row(l), {1, 0}), eps = fokker::convert(l, velocity{}.row(l), {0, 1});
  CHECK(std::abs(x0.of_x - 0.8) <= 8 * law::u);
  CHECK(std::abs(x0.of_p + 0.6) <= 8 * law::u);
  CHECK(std::abs(eps.of_x - 0.6) <= 8 * law::u);
  CHECK(std::abs(eps.of_p - 0.8) <= 8 * law::u);
}
