// SPDX-License-Identifier: MIT
#include <fokker/guidance/along.hpp>

#include "support/laws.hpp"

using namespace fokker::guidance;
using fokker::moment;

namespace {
const fokker::level middle{.time = 0.5, .alpha = 0.5, .sigma = 1};  // sigma/alpha 2
const fokker::level noise{.time = 1, .alpha = 0, .sigma = 1};
}  // namespace

TEST_CASE("an interval of levels has its upper end and not its lower one") {
  CHECK(inside({middle}, along::ratio, 1, 3));
  CHECK(inside({middle}, along::ratio, 1, 2));
  CHECK_FALSE(inside({middle}, along::ratio, 2, 3));
  CHECK(inside({middle}, along::time, 0.4, 0.5));
  CHECK_FALSE(inside({middle}, along::time, 0.5, 1));
  CHECK_FALSE(inside({middle}, along::ratio, 2, 2));  // empty
  for (const along by : {along::ratio, along::time}) {
    CHECK(inside({fokker::level{}}, by, 0, 1));  // data
    CHECK_FALSE(inside({fokker::level{}}, by, 1e-300, 1));
  }
}

TEST_CASE("noise is above every ratio, and in an interval without an end") {
  CHECK_FALSE(inside({noise}, along::ratio, 1, 1e300));
  CHECK(inside({noise}, along::ratio, 1, no_end));
  CHECK(inside({noise}, along::time, 0, 1));
  CHECK(inside({middle}, along::ratio, 0, no_end));
  CHECK(inside({middle}, along::time, 0, no_end));
}

TEST_CASE("parts of the steps are rounded down, the last one excluded") {
  const auto steps = [](double low, double high, int count) {
    std::vector<int> in;
    for (int i = 0; i < count; ++i)
      if (inside({middle, i, count}, along::steps, low, high)) in.push_back(i);
    return in;
  };
  CHECK((steps(0, 1, 4) == std::vector{0, 1, 2, 3}));
  CHECK((steps(0.2, 0.8, 10) == std::vector{2, 3, 4, 5, 6, 7}));
  CHECK((steps(0.01, 0.2, 28) == std::vector{0, 1, 2, 3, 4}));
  CHECK(steps(0.5, 0.5, 10).empty());
  CHECK((steps(0.29, 1, 100).front() == 28));  // 0.29 * 100 is below 29 in double
}

TEST_CASE("ends that are not in order are refused, by name") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const along by : {along::ratio, along::time, along::steps}) {
    for (const double low : {nan, infinity, -0.1})
      law::refused([&] { (void)inside({middle}, by, low, 1); }, {"low is "});
    for (const double high : {nan, infinity, 0.4})
      law::refused([&] { (void)inside({middle}, by, 0.5, high); }, {"high is "});
  }
  law::refused([&] { (void)inside({middle}, along::steps, 0, 1.5); }, {"high is 1.5;"});
}

TEST_CASE("steps of their own choice have no part") {
  CHECK(part_done({middle, 3, 4}) == 0.75);
  law::refused([&] { (void)part_done({middle, 0, 0}); }, {"the number of steps is 0;"});
  law::refused([&] { (void)inside({middle, 0, 0}, along::steps, 0, 1); }, {"the number of steps is 0;"});
}
