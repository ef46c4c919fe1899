// SPDX-License-Identifier: MIT
#include <fokker/schedule/edm.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::edm;

TEST_CASE("edm is a lawful schedule") {
  const auto check = [](const edm& s) {
    law::data_end(s);
    law::strictly_towards_noise(s);
    law::inverse(s);
    law::rates(s);
  };
  check({});
  check({.sigma_min = 0.01, .sigma_max = 1348});
}

TEST_CASE("edm is its own time, alpha is 1") {
  for (const double time : {0.0, 0.002, 1.5, 80.0}) {
    const auto l = level_at(edm{}, time);
    CHECK(l.alpha == 1);
    CHECK(l.sigma == time);
    CHECK(l.alpha_rate == 0);
    CHECK(l.sigma_rate == 1);
    CHECK(edm{}.time_of(time) == time);
  }
}

TEST_CASE("edm goes from 80 to 0.002, Karras et al. 2022, and its data are at 0") {
  CHECK(edm{}.noise_time() == 80);
  CHECK(edm{}.last_time() == 0.002);
  CHECK(edm{}.data_time() == 0);
  CHECK(edm{.sigma_max = 0.5}.noise_time() == 0.5);
}

TEST_CASE("edm refuses what float does not hold") {
  law::refused([] { (void)edm{.sigma_max = 1e39}.noise_time(); }, {"sigma_max is 1e+39;", "2.1267647932558654e+37"});
}

TEST_CASE("edm refuses times below its data") { law::own_times(edm{}, true); }
