// SPDX-License-Identifier: MIT
#include <fokker/embedding/pairs.hpp>

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace embedding = fokker::embedding;

TEST_CASE("a cross entropy is that of the softmax, its slopes are the shares less the wanted one") {
  const std::vector<double> logits{1, 7, -2, 9, 0.5, 8};  // each second one by itself
  std::vector<double> slopes(6);
  const double found = embedding::cross_entropy(logits.data() + 1, 3, 2, 2, slopes.data() + 1);
  const double sum = std::exp(7) + std::exp(9) + std::exp(8);
  CHECK(found == Approx(std::log(sum) - 8).epsilon(16 * law::u));  // of logarithms up to 10
  CHECK(slopes[1] == Approx(std::exp(7) / sum).epsilon(16 * law::u));
  CHECK(slopes[3] == Approx(std::exp(9) / sum).epsilon(16 * law::u));
  CHECK(slopes[5] == Approx(std::exp(8) / sum - 1).epsilon(16 * law::u));
  CHECK(slopes[0] == 0);
}

TEST_CASE("it holds for logits whose exponential overflows, and for shares of which 1 would lose all") {
  const std::vector<double> large{1e30, 0}, sharp{50, 0};
  std::vector<double> slopes(2);
  CHECK(embedding::cross_entropy(large.data(), 2, 1, 0, nullptr) == 0);
  CHECK(embedding::cross_entropy(large.data(), 2, 1, 1, nullptr) == 1e30);
  // exp(-50), less its half square: both are what they are but for few roundings.
  CHECK(embedding::cross_entropy(sharp.data(), 2, 1, 0, slopes.data()) == Approx(std::exp(-50)).epsilon(8 * law::u));
  CHECK(slopes[0] == Approx(-std::exp(-50)).epsilon(8 * law::u));
}

TEST_CASE("through a length of 1 the part along the row is lost, and the rest is divided by the length that was") {
  embedding::rows sums{1, 2, {3, 5}};
  embedding::through_units(sums, {1, 2, {1, 0}}, {2});
  CHECK(sums.values == std::vector<double>{0, 2.5});
}
