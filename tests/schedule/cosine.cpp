// SPDX-License-Identifier: MIT
#include <fokker/schedule/cosine.hpp>

#include <cmath>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::cosine;

TEST_CASE("cosine is a lawful schedule that preserves variance") {
  for (const cosine s : {cosine{}, cosine{.offset = 0}, cosine{.offset = 0.3}}) {
    INFO("offset " << s.offset);
    law::schedule(s);
    law::variance_preserving(s);
  }
}

TEST_CASE("cosine has the levels of Nichol & Dhariwal 2021") {
  // Independent 40-digit evaluation. alpha: an angle of 4 roundings, a sine, a cosine, a quotient: below 8. sigma: two
  // sines of angles that round 4 and 5 times, a root, a cosine, a quotient: below 12.
  struct known {
    double time, alpha, sigma;
  };
  for (const known k : {known{0.001, 0.99997935767453631082, 0.0064252801356655106041},
                        known{0.25, 0.92033263623915061858, 0.39113659848331153776},
                        known{0.5, 0.70274005894116902358, 0.71144670184024487238},
                        known{0.75, 0.3798316763853900994, 0.92505561865990754552},
                        known{0.999, 0.0015584501618705900587, 0.99999878561580911828}}) {
    INFO("time " << k.time);
    // 1 - time is exact from 1/2 on; below, its rounding is damped by the cosine
    const double input = k.time == 0.999 ? 0x1p-53 * 0.999 / 0.001 : 0;  // 0.999 is itself rounded
    CHECK(std::abs(cosine{}.alpha(k.time) / k.alpha - 1) <= 8 * law::u + input);
    CHECK(std::abs(cosine{}.sigma(k.time) / k.sigma - 1) <= 12 * law::u);
  }
  // alphas_cumprod[0] and [499] of a table of 1000, the published 12 digits
  CHECK(std::abs(std::pow(cosine{}.alpha(0.001), 2) - 0.999958715775) <= 5e-13);
  CHECK(std::abs(std::pow(cosine{}.alpha(0.5), 2) - 0.493843590441) <= 5e-13);
}

TEST_CASE("cosine is exactly noise at 1 and exactly data at 0") {
  for (const double offset : {0.0, 0.008, 0.3}) {
    const cosine s{.offset = offset};
    CHECK(level_at(s, 1).is_noise());
    CHECK_FALSE(std::signbit(s.alpha(1)));
    CHECK(std::abs(s.sigma(1) - 1) <= 4 * law::u);
    CHECK(level_at(s, 0).is_data());
    CHECK(s.time_of(0) == 0);
    CHECK(s.time_of(level_at(s, 1).ratio()) == 1);
  }
}

TEST_CASE("cosine falls at its noise end without an infinity") {
  const auto l = level_at(cosine{}, 1);
  CHECK(std::isfinite(l.alpha_rate));
  CHECK(l.alpha_rate < 0);
  CHECK(l.sigma_rate == 0);
}

TEST_CASE("cosine starts at time 1, trains down to 1e-3 and has its data at 0") {
  CHECK(cosine{}.noise_time() == 1);
  CHECK(cosine{}.last_time() == 1e-3);
  CHECK(cosine{.clean_time = 0.01}.last_time() == 0.01);
  CHECK(cosine{}.data_time() == 0);
}

TEST_CASE("cosine refuses times that are not its own, and reaches every ratio") {
  for (const double offset : {0.0, 0.008, 0.5}) {
    law::own_times(cosine{.offset = offset});
    for (const double ratio : {1e15, 1e16, 1e17, 1e100, 1e300, 1e301, std::numeric_limits<double>::infinity()})
      CHECK(cosine{.offset = offset}.time_of(ratio) <= 1);
  }
}
