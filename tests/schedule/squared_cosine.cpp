// SPDX-License-Identifier: MIT
#include <fokker/schedule/squared_cosine.hpp>

#include <cmath>
#include <limits>

#include "support/laws.hpp"

using fokker::schedule::squared_cosine;

TEST_CASE("squared_cosine is a lawful table that preserves variance") {
  law::schedule(squared_cosine());
  law::schedule(squared_cosine(10, 0.9));
}

TEST_CASE("squared_cosine has the products of Nichol and Dhariwal 2021") {
  // Independent 40-digit evaluation, to the digits that are kept of it.
  const auto s = squared_cosine();
  const auto product = [&](double time) { return s.alpha(time) * s.alpha(time); };
  CHECK(product(0) == Approx(0.999958715775).epsilon(1e-12));
  CHECK(product(499) == Approx(0.493843590441).epsilon(1e-11));
  CHECK(product(998) == Approx(2.42876690703e-6).epsilon(1e-10));
  CHECK(product(999) == Approx(2.42876690703e-9).epsilon(1e-10));
  CHECK(s.sigma(0) / s.alpha(0) == Approx(0.00642541277113).epsilon(1e-11));
  CHECK(s.sigma(499) / s.alpha(499) == Approx(1.01238956395).epsilon(1e-11));
  CHECK(s.sigma(999) / s.alpha(999) == Approx(20291.16961).epsilon(1e-9));
}

TEST_CASE("squared_cosine has the betas of Nichol and Dhariwal 2021") {
  // The same evaluation, twelve digits. A beta is a difference of two logarithms of up to 20, which round by 2e-15
  // each.
  const auto s = squared_cosine();
  struct known {
    int time;
    double beta;
  };
  for (const auto& [time, beta] : {known{0, 4.12842248218e-5}, known{1, 4.61417527367e-5}, known{499, 3.14588623048e-3},
                                   known{997, 0.555553756742}, known{998, 0.749999392901}, known{999, 0.999}}) {
    INFO("time " << time);
    CHECK(std::abs(-std::expm1(2 * (s.log_alpha(time) - s.log_alpha(time - 1))) / beta - 1) < 2e-12);
  }
}

TEST_CASE("squared_cosine refuses what is no table, by name and value") {
  law::refused([] { (void)squared_cosine(0); }, {"size is 0;"});
  law::refused([] { (void)squared_cosine(1'000'001); }, {"size is 1000001; allowed: 1 to 1000000"});
  law::refused([] { (void)squared_cosine(10, 0); }, {"largest_beta is 0;"});
  law::refused([] { (void)squared_cosine(10, 1.5); }, {"largest_beta is 1.5;"});
  law::refused([] { (void)squared_cosine(10, std::numeric_limits<double>::quiet_NaN()); }, {"largest_beta is nan;"});
}
