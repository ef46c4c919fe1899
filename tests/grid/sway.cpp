// SPDX-License-Identifier: MIT
#include <fokker/grid/sway.hpp>

#include <cmath>
#include <numbers>

#include <fokker/grid/epss.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::epss;
using fokker::grid::sway;
using fokker::grid::uniform;
using fokker::schedule::flow_linear;

TEST_CASE("sway is a lawful grid, and with 0 the grid that it moves") {
  for (const double s : {-1.0, -0.3, 0.4, 1.75}) {
    const auto make = [=](int steps) { return sway{uniform{.steps = steps}, s}; };
    law::grid(make, flow_linear{});
    law::grid(make, fokker::schedule::vp_linear{});
  }
  const auto same = sway{uniform{.steps = 7}, 0.0}.levels(flow_linear{}),
             plain = uniform{.steps = 7}.levels(flow_linear{});
  for (std::size_t i = 0; i < same.size(); ++i) CHECK(same[i].time == plain[i].time);
}

TEST_CASE("sway moves times by a cosine") {
  // u + s (cos(pi u / 2) - 1 + u) at u = 1/3, 1/2, 2/3: cosines of 30, 45 and 60 degrees.
  const auto l = sway{uniform{.steps = 6}, 0.5}.levels(flow_linear{});
  CHECK(1 - l[2].time == Approx(1.0 / 3 + 0.5 * (std::sqrt(0.75) - 2.0 / 3)).epsilon(1e-14));
  CHECK(1 - l[3].time == Approx(0.5 + 0.5 * (std::sqrt(0.5) - 0.5)).epsilon(1e-14));
  CHECK(1 - l[4].time == Approx(2.0 / 3 + 0.5 * (0.5 - 1.0 / 3)).epsilon(1e-14));
  // F5-TTS: s = -1 is u = 1 - cos(pi u / 2), here of its list for 5 steps.
  const auto f5 = sway{epss{.steps = 5}}.levels(flow_linear{});
  const double places[] = {0, 2, 4, 8, 16, 32};
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(1 - f5[i].time == Approx(1 - std::cos(std::numbers::pi / 2 * places[i] / 32)).margin(1e-15));
}

TEST_CASE("sway refuses coefficients that would turn times round") {
  for (const double s : {-1.01, 1.76, std::nan("")})
    law::refused([&] { (void)sway{uniform{}, s}.levels(flow_linear{}); }, {"coefficient is "});
}
