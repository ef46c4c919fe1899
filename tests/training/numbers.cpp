// SPDX-License-Identifier: MIT
#include <fokker/training/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace training = fk::training;

namespace {

const fk::noise::philox seeded{.seed = 7};

template <class Numbers>
std::vector<double> drawn(const Numbers& numbers, std::uint32_t first, std::uint32_t count) {
  std::vector<double> list;
  for (std::uint32_t s = 0; s < count; ++s) list.push_back(numbers({.seed = 7, .first_sample = first}, s));
  return list;
}

template <class Numbers>
bool shards_agree(const Numbers& numbers) {
  const auto whole = drawn(numbers, 96, 64), left = drawn(numbers, 96, 20), right = drawn(numbers, 116, 44);
  return std::equal(left.begin(), left.end(), whole.begin()) &&
         std::equal(right.begin(), right.end(), whole.begin() + 20);
}

/// The largest distance of the share of values below a number from that number, times the root of their count.
double kolmogorov(std::vector<double> u) {
  std::sort(u.begin(), u.end());
  const double n = static_cast<double>(u.size());
  double most = 0;
  for (std::size_t i = 0; i < u.size(); ++i)
    most =
        std::max({most, std::abs(static_cast<double>(i) / n - u[i]), std::abs(static_cast<double>(i + 1) / n - u[i])});
  return most * std::sqrt(n);
}

}  // namespace

TEST_CASE("a number is a function of the seed and the sample's id, in parts of samples as well") {
  CHECK(shards_agree(training::independent{}));
  CHECK(shards_agree(training::stratified{32}));
  CHECK(shards_agree(training::low_discrepancy{32}));
  CHECK(training::number({.seed = 7, .first_element = 8}, 3, 0) == training::number(seeded, 3, 0));
  CHECK(training::number({.seed = 8}, 3, 0) != training::number(seeded, 3, 0));
  CHECK(training::number(seeded, 3, 1) != training::number(seeded, 3, 0));
}

TEST_CASE("numbers are the upper 52 bits of the counted words, and never 0 or 1") {
  const fk::noise::words counted = fk::noise::philox4x32({{0, 5, training::condition, fk::noise_piece::training}}, 7);
  const double u = training::number(seeded, 5, training::condition);
  const auto odd = static_cast<std::uint64_t>(u * 0x1p53);  // exact: an odd number below 2^53
  CHECK(odd % 2 == 1);
  CHECK(odd >> 21 == counted.w[0]);
  CHECK((odd >> 1 & 0xfffff) == counted.w[1] >> 12);
}

TEST_CASE("each part of 0 to 1 has one number of a stratified batch, and parts turn") {
  for (const std::uint32_t batch : {1U, 3U, 32U}) {
    std::set<std::size_t> first_parts;
    for (std::uint32_t k = 0; k < 8; ++k) {
      const auto u = drawn(training::stratified{batch}, k * batch, batch);
      std::set<std::size_t> parts;
      for (const double each : u) parts.insert(static_cast<std::size_t>(each * batch));
      CHECK(parts.size() == batch);
      first_parts.insert(static_cast<std::size_t>(u[0] * batch));
    }
    CHECK((batch == 1 || first_parts.size() > 1));
  }
}

TEST_CASE("numbers of low discrepancy are 1/batch apart, modulo 1") {
  const auto u = drawn(training::low_discrepancy{5}, 10, 10);
  for (std::size_t i = 0; i < u.size(); ++i) {
    CHECK((u[i] > 0 && u[i] < 1));
    if (i % 5 == 0) continue;
    const double step = u[i] - u[i - 1];
    CHECK(step - std::floor(step) == Approx(0.2).epsilon(16 * law::u));  // sums of a few numbers below 2
  }
  CHECK(u[5] != u[0]);  // the next batch
}

TEST_CASE("what rounding leaves at an end is moved inside") {
  CHECK(training::spread::inside(0) == 0x1p-53);
  CHECK(training::spread::inside(1) == 1 - 0x1p-53);
}

TEST_CASE("a batch of no samples is refused") {
  law::refused([] { (void)training::stratified{0}(seeded, 0); }, {"batch is 0; allowed: 1 or more"});
  law::refused([] { (void)training::low_discrepancy{0}(seeded, 0); }, {"batch is 0; allowed: 1 or more"});
}

TEST_CASE("numbers are uniform: independent ones, and one place of many batches", "[statistics]") {
  // The law of Kolmogorov: exceeded with a probability of 2 e^(-2 y^2), of 2.2 one in 8,000.
  CHECK(kolmogorov(drawn(training::independent{}, 0, 100'000)) < 2.2);
  std::vector<double> first, of_all;
  for (std::uint32_t k = 0; k < 20'000; ++k) {
    first.push_back(training::stratified{16}({.seed = 7, .first_sample = 16 * k}, 3));
    of_all.push_back(training::low_discrepancy{16}({.seed = 7, .first_sample = 16 * k}, 3));
  }
  CHECK(kolmogorov(first) < 2.2);
  CHECK(kolmogorov(of_all) < 2.2);
}
