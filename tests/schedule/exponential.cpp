// SPDX-License-Identifier: MIT
#include <fokker/schedule/exponential.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::exponential;

TEST_CASE("exponential is a lawful table that preserves variance") {
  law::schedule(exponential());
  law::variance_preserving(exponential());
  law::schedule(exponential(1));
}

TEST_CASE("exponential falls by e^12, the same share at each timestep") {
  // Independent 50-digit evaluation: the 1000 equal logarithms round once each, and their sum at each addition.
  struct known {
    int time;
    double alphas_cumprod, ratio;
  };
  const auto s = exponential();
  for (const auto& [time, a, ratio] : {known{0, 0.9880717128619305401, 0.10987396810017263739},
                                       known{499, 0.002478752176666358423, 20.060627943629659037},
                                       known{999, 6.1442123533282097587e-6, 403.42755411474303611}}) {
    INFO("time " << time);
    const double bound = (time + 1 + 8) * law::u * -std::log(a) + 4 * law::u;
    CHECK(std::abs(s.alpha(time) * s.alpha(time) / a - 1) <= bound);
    CHECK(std::abs(level_at(s, time).ratio() / ratio - 1) <= bound / (2 * (1 - a)) + 5 * law::u);
  }
  // So the beta of Diffusers' `exp` is one number, and the table that of `linear` between it and itself.
  const double beta = 0.011928287138069459899;
  const auto constant = fokker::schedule::linear(beta, beta, 1000);
  for (const int time : {0, 1, 500, 999}) CHECK(s.alpha(time) == Approx(constant.alpha(time)).epsilon(1e-12));
}

TEST_CASE("exponential refuses an empty table, by name and value") {
  law::refused([] { (void)exponential(0); }, {"size is 0;"});
  law::refused([] { (void)exponential(1'000'001); }, {"size is 1000001; allowed: 1 to 1000000"});
}
