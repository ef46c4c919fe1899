// SPDX-License-Identifier: MIT
#include <fokker/grid/epss.hpp>

#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::epss;
using fokker::schedule::flow_linear;

TEST_CASE("epss is a lawful grid") {
  const auto make = [](int steps) { return epss{.steps = steps}; };
  law::grid(make, flow_linear{});
  law::grid(make, fokker::schedule::vp_linear{});
  law::steps_refused(make, flow_linear{}, 1'000'000);
}

TEST_CASE("epss has the published lists, and even steps for other numbers") {
  const auto seven = epss{.steps = 7}.levels(flow_linear{});
  const double places[] = {0, 2, 4, 6, 8, 16, 24, 32};
  for (std::size_t i = 0; i < 8; ++i) CHECK(seven[i].time == 1 - places[i] / 32);
  // The first steps are one or two thirty-seconds, the last four or more.
  for (const int steps : {5, 6, 7, 10, 12, 16}) {
    const auto l = epss{.steps = steps}.levels(flow_linear{});
    const double first = l[0].time - l[1].time, last = l[l.size() - 2].time;
    CHECK(first == (steps == 16 ? 1 : 2) / 32.0);
    CHECK(last >= 4 / 32.0);
  }
  const auto eight = epss{.steps = 8}.levels(flow_linear{});
  for (std::size_t i = 0; i <= 8; ++i) CHECK(eight[i].time == 1 - static_cast<double>(i) / 8);
}
