// SPDX-License-Identifier: MIT
#include <fokker/schedule/ve.hpp>

#include <cmath>
#include <limits>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::ve;

TEST_CASE("ve is a lawful schedule", "[bits]") {
  law::schedule(ve{});
  law::schedule(ve{.sigma_min = 0.002, .sigma_max = 700});
  law::schedule(ve{.sigma_min = 1, .sigma_max = 2});
}

TEST_CASE("ve has the levels of Song et al. 2021") {
  // N = 1000 noises from 0.01 to 50, or to 1348 as in Diffusers. Independent 40-digit evaluation at the times as they
  // are in double. The quotient rounds once (times t <= 1 in the power), the power and the product once each.
  struct known {
    double sigma_max, time, sigma;
  };
  for (const known k : {known{50, 1 / 999.0, 0.010085621663583948174}, known{50, 499 / 999.0, 0.70409890000085862161},
                        known{50, 0.25, 0.084089641525371455616}, known{50, 1, 50},
                        known{1348, 499 / 999.0, 3.6498711562649931455}, known{1348, 1, 1348}}) {
    INFO("sigma_max " << k.sigma_max << ", time " << k.time);
    const double growth = std::log(k.sigma_max / 0.01);
    // the time itself is rounded: twice where it is a quotient
    CHECK(std::abs(ve{.sigma_max = k.sigma_max}.sigma(k.time) / k.sigma - 1) <= (5 + 2 * growth * k.time) * law::u);
  }
}

TEST_CASE("ve goes on along its tangent below time 0, to data that are exact") {
  const ve s;
  const double growth = std::log(5000.0);
  CHECK(s.noise_time() == 1);
  CHECK(s.last_time() == 0);
  CHECK(s.data_time() == Approx(-1 / growth).epsilon(1e-15));
  CHECK(s.sigma(0) == 0.01);
  CHECK(s.sigma(0.5 * s.data_time()) == Approx(0.005).epsilon(1e-15));
  CHECK(s.sigma_rate(0) == Approx(0.01 * growth).epsilon(1e-15));
  CHECK(s.sigma_rate(s.data_time()) == s.sigma_rate(0));
  CHECK(level_at(s, s.data_time()).is_data());
  CHECK(s.time_of(0) == s.data_time());
  CHECK(s.time_of(0.01) == 0);
  for (const double time : {-0.1, 0.0, 0.3, 1.0}) CHECK(s.alpha(time) == 1);
}

TEST_CASE("ve refuses a range that does not rise, by name and value") {
  const double infinity = std::numeric_limits<double>::infinity();
  law::refused([] { (void)ve{.sigma_min = 0}.sigma(0.5); }, {"sigma_min is 0;", "a number > 0"});
  law::refused([] { (void)ve{.sigma_min = -1}.data_time(); }, {"sigma_min is -1;"});
  law::refused([] { (void)ve{.sigma_max = 0.01}.time_of(1); }, {"sigma_max is 0.01;", "above sigma_min, 0.01"});
  law::refused([=] { (void)ve{.sigma_max = infinity}.sigma_rate(1); }, {"sigma_max is inf;"});
  law::refused([] { (void)ve{.sigma_max = 1e39}.sigma(1); }, {"sigma_max is 1e+39;", "up to 2.1267647932558654e+37"});
  law::refused([] { (void)ve{.sigma_max = std::nan("")}.sigma(1); }, {"sigma_max is nan;"});
}

TEST_CASE("ve refuses times below its data") { law::own_times(ve{}, true); }
