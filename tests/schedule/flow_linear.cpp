// SPDX-License-Identifier: MIT
#include <fokker/schedule/flow_linear.hpp>

#include <limits>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::flow_linear;

TEST_CASE("flow_linear is a lawful schedule") { law::schedule(flow_linear{}); }

TEST_CASE("flow_linear is the straight path, exact at both ends") {
  const flow_linear s;
  CHECK(level_at(s, s.noise_time()).is_noise());
  CHECK(s.sigma(1) == 1);
  CHECK(level_at(s, s.data_time()).is_data());
  CHECK(s.alpha(0) == 1);
  for (const double time : {0.0, 0.25, 0.8, 1.0}) {
    const auto l = level_at(s, time);
    CHECK(l.alpha == 1 - time);
    CHECK(l.sigma == time);
    CHECK(l.alpha_rate == -1);
    CHECK(l.sigma_rate == 1);
  }
}

TEST_CASE("flow_linear has its ends at the ratios 0 and infinity") {
  const flow_linear s;
  CHECK(s.time_of(0) == 0);
  CHECK(s.time_of(std::numeric_limits<double>::infinity()) == 1);
  CHECK(s.time_of(1) == 0.5);
  CHECK(s.time_of(3) == 0.75);
  CHECK(s.time_of(1e-300) == 1e-300);
}

TEST_CASE("flow_linear tells of no cleanest level") { STATIC_REQUIRE_FALSE(fokker::has_last_time<flow_linear>); }

TEST_CASE("flow_linear refuses times that are not its own") { law::own_times(flow_linear{}); }
