// SPDX-License-Identifier: MIT
#include <fokker/grid/rcm.hpp>

#include <cmath>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::rcm;
using fokker::schedule::flow_linear;

TEST_CASE("rcm is a lawful grid of up to four steps") {
  const auto make = [](int steps) { return rcm{.steps = steps}; };
  law::grid(
      make, flow_linear{}, [](int) { return fokker::level_at_ratio(flow_linear{}, 80); }, fokker::ending::to_data, 1,
      4);
  law::steps_refused(make, flow_linear{}, 4);
}

TEST_CASE("rcm has the published angles, which on a flow are the times sin / (sin + cos)") {
  const double inner[] = {1.5, 1.4, 1.0};
  for (const double sigma_max : {80.0, 200.0})
    for (int steps = 1; steps <= 4; ++steps) {
      const rcm grid{.steps = steps, .sigma_max = sigma_max};
      const auto flow = grid.levels(flow_linear{});
      const auto edm = grid.levels(fokker::schedule::edm{.sigma_max = 200});
      REQUIRE(flow.size() == static_cast<std::size_t>(steps) + 1);
      for (std::size_t i = 0; i < static_cast<std::size_t>(steps); ++i) {
        const double angle = i == 0 ? std::atan(sigma_max) : inner[i - 1], ratio = i == 0 ? sigma_max : std::tan(angle);
        CHECK(flow[i].time == Approx(std::sin(angle) / (std::sin(angle) + std::cos(angle))).epsilon(1e-14));
        CHECK(edm[i].sigma == Approx(ratio).epsilon(1e-14));
      }
      CHECK(flow.back().is_data());
    }
}

TEST_CASE("rcm refuses a first level that is not above the others") {
  for (const double bad : {14.1, 0.0, -1.0, std::nan(""), HUGE_VAL})
    CHECK_THROWS_WITH((void)rcm{.sigma_max = bad}.levels(flow_linear{}), Catch::Contains("sigma_max is "));
}
