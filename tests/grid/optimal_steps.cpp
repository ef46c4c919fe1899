// SPDX-License-Identifier: MIT
#include <fokker/grid/optimal_steps.hpp>

#include <cmath>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::optimal_for;
using fokker::grid::optimal_steps;
using fokker::schedule::flow_linear;

TEST_CASE("optimal_steps is a lawful grid") {
  for (const optimal_for network : {optimal_for::flux, optimal_for::wan, optimal_for::chroma}) {
    const auto make = [=](int steps) { return optimal_steps{.steps = steps, .network = network}; };
    const double first = network == optimal_for::flux ? 0.9968 : network == optimal_for::wan ? 1 : 0.992;
    law::grid(
        make, flow_linear{}, [&](int) { return fokker::level_at(flow_linear{}, first); }, fokker::ending::to_data, 1,
        1000);
    law::steps_refused(make, flow_linear{}, fokker::detail::most_steps);
  }
}

TEST_CASE("optimal_steps has the published times, and their geometric means for twice as many steps") {
  const double known[] = {0.9968, 0.9886, 0.9819, 0.975, 0.966, 0.9471, 0.9158, 0.8287, 0.5512, 0.2808};
  const auto ten = optimal_steps{.steps = 10}.levels(flow_linear{});
  const auto twenty = optimal_steps{}.levels(flow_linear{});
  REQUIRE(ten.size() == 11);
  REQUIRE(twenty.size() == 21);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(ten[i].time == known[i]);
    CHECK(twenty[2 * i].time == known[i]);
    if (i < 9) CHECK(twenty[2 * i + 1].time == Approx(std::sqrt(known[i] * known[i + 1])).epsilon(1e-14));
  }
  CHECK(twenty[19].time == Approx(std::sqrt(0.2808 * 0.001)).epsilon(1e-14));  // the last time before data replaced it
  CHECK(ten.back().is_data());
  CHECK(optimal_steps{.steps = 20, .network = optimal_for::wan}.levels(flow_linear{})[18].time == 0.539);
  CHECK(optimal_steps{.steps = 40, .network = optimal_for::chroma}.levels(flow_linear{})[25].time == 0.451);
}
