// SPDX-License-Identifier: MIT
#include <fokker/schedule/squared_cosine.hpp>

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
  CHECK(s.sigma(999) / s.alpha(999) == Approx(20291.16961).epsilon(1e-9));
}

TEST_CASE("squared_cosine refuses what is no table, by name and value") {
  law::refused([] { (void)squared_cosine(0); }, {"size is 0;"});
  law::refused([] { (void)squared_cosine(10, 0); }, {"largest_beta is 0;"});
  law::refused([] { (void)squared_cosine(10, 1.5); }, {"largest_beta is 1.5;"});
  law::refused([] { (void)squared_cosine(10, std::numeric_limits<double>::quiet_NaN()); }, {"largest_beta is nan;"});
}
