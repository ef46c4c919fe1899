// SPDX-License-Identifier: MIT
#include <fokker/schedule/trigflow.hpp>

#include <limits>
#include <numbers>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::trigflow;

TEST_CASE("trigflow is a lawful schedule that preserves variance") {
  law::schedule(trigflow{});
  law::variance_preserving(trigflow{});
}

TEST_CASE("trigflow is a quarter of the circle, exact at both ends") {
  const trigflow s;
  CHECK(level_at(s, s.noise_time()).is_noise());
  CHECK(level_at(s, s.noise_time()).sigma == 1);
  CHECK(level_at(s, 0).is_data());
  CHECK(level_at(s, 0).alpha == 1);
  const auto l = level_at(s, std::numbers::pi / 6);
  CHECK(l.alpha == Approx(std::sqrt(0.75)).epsilon(1e-15));
  CHECK(l.sigma == Approx(0.5).epsilon(1e-15));
  CHECK(s.time_of(1) == std::numbers::pi / 4);
  CHECK(s.time_of(std::numeric_limits<double>::infinity()) == s.noise_time());
}

TEST_CASE("trigflow refuses times that are not its own") { law::own_times(trigflow{}); }
