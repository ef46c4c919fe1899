// SPDX-License-Identifier: MIT
#include <fokker/grid/range.hpp>

#include <vector>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::spread;
using fokker::grid::spread_in_time;

TEST_CASE("A spread asks its rule for the levels between the ends alone") {
  const fokker::schedule::edm s;
  std::vector<double> shares;
  const auto rule = [&](double first, double last, double share) {
    shares.push_back(share);
    return first + share * (last - first);
  };
  const auto levels = spread(s, 4, 1, 5, ending::to_last_level, rule);
  CHECK(shares == std::vector{0.25, 0.5, 0.75});
  std::vector<double> sigmas;
  for (const auto& l : levels) sigmas.push_back(l.sigma);
  CHECK(sigmas == std::vector<double>{5, 4, 3, 2, 1});
}

TEST_CASE("A spread of one step asks for no rule") {
  const auto never = [](double, double, double) -> double { throw std::logic_error("asked"); };
  const fokker::schedule::edm s;
  const auto to_data = spread(s, 1, 1, 5, ending::to_data, never);
  REQUIRE(to_data.size() == 2);
  CHECK(to_data[0].sigma == 5);
  CHECK(to_data[1].is_data());
  const auto to_last = spread(s, 1, 1, 5, ending::to_last_level, never);
  REQUIRE(to_last.size() == 2);
  CHECK(to_last[0].sigma == 5);
  CHECK(to_last[1].sigma == 1);
}

TEST_CASE("A spread takes the schedule's own ends where none are given") {
  const fokker::schedule::edm s{.sigma_min = 0.5, .sigma_max = 3};
  const auto levels = spread(s, 2, fokker::grid::schedules_own, fokker::grid::schedules_own, ending::to_data,
                             [](double first, double, double) { return first; });
  REQUIRE(levels.size() == 3);
  CHECK(levels[0].sigma == 3);
  CHECK(levels[1].sigma == 0.5);
  CHECK(levels[2].is_data());
}

TEST_CASE("A spread in time asks for shares from 1 down, and ends on the data") {
  const auto levels = spread_in_time(fokker::schedule::edm{.sigma_max = 8}, 4, [](double u) { return u * u; });
  std::vector<double> sigmas;
  for (const auto& l : levels) sigmas.push_back(l.sigma);
  CHECK(sigmas == std::vector<double>{8, 4.5, 2, 0.5, 0});
}

TEST_CASE("A spread in the time of a table takes free timesteps beside those that it has") {
  const auto times = [](auto rule) {
    std::vector<double> list;
    for (const auto& l : spread_in_time(fokker::schedule::linear(1e-4, 0.02, 9), 4, rule)) list.push_back(l.time);
    return list;
  };
  CHECK(times([](double u) { return u; }) == std::vector<double>{8, 6, 4, 2, -1});
  CHECK(times([](double u) { return u * u; }) == std::vector<double>{8, 4, 2, 0, -1});  // 4.5 and 0.5: ties to even
  CHECK(times([](double u) { return u < 0.3 ? 0.0 : 1.0; }) == std::vector<double>{8, 7, 6, 0, -1});
  CHECK(times([](double u) { return u < 0.9 ? 0.0 : 1.0; }) == std::vector<double>{8, 2, 1, 0, -1});
}
