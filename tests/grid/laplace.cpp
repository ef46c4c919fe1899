// SPDX-License-Identifier: MIT
#include <fokker/grid/laplace.hpp>

#include <array>
#include <cmath>
#include <limits>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::laplace;

TEST_CASE("laplace is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [=](int steps) { return laplace{.steps = steps, .end = end}; };
    law::grid(make, fokker::schedule::edm{}, end);
    law::grid(make, fokker::schedule::vp_linear{}, end);
    law::grid(make, fokker::schedule::scaled_linear(), end);
  }
  law::steps_refused([](int steps) { return laplace{.steps = steps}; }, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("laplace is a lawful grid where most of it is beyond an end, and where it is flat") {
  for (const auto& [location, scale] : {std::array{-8.0, 0.2}, std::array{6.0, 0.2}, std::array{0.0, 1e6}})
    law::grid([location = location,
               scale = scale](int steps) { return laplace{.steps = steps, .location = location, .scale = scale}; },
              fokker::schedule::edm{});
}

TEST_CASE("laplace with a range of its own is a lawful grid on every schedule") {
  const auto make = [](int steps) { return laplace{.steps = steps, .sigma_min = 0.05, .sigma_max = 12}; };
  const auto check = [&](const auto& s) {
    law::grid(
        make, s, [&](int) { return fokker::level_at_ratio(s, 12); }, ending::to_data, 1, 1000);
  };
  check(fokker::schedule::cosine{});
  check(fokker::schedule::flow_linear{});
}

TEST_CASE("laplace is cut off at the ends of the table of Stable Diffusion") {
  // Independent 40-digit evaluation. The ends are the table's, off by up to 1000 roundings of log alpha^2 = -5.4, half
  // of which reach sigma/alpha; the inner levels hardly move with them.
  const double known[] = {14.6146412293336,  2.10217028764167,  1.49420772946719,  1.22214656628311,
                          1.0593363854185,   0.941955763808507, 0.815887968110642, 0.666382541820655,
                          0.471654754644753, 0.0291671581517201};
  const auto levels = laplace{.steps = 10}.levels(fokker::schedule::scaled_linear());
  REQUIRE(levels.size() == 11);
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(std::abs(levels[i].ratio() / known[i] - 1) <= (1008 * 5.4 / 2 + 100) * law::u);
  CHECK(levels[10].is_data());
}

TEST_CASE("laplace on the range of ComfyUI's formula has its levels") {
  // exp(-0.5 sgn(1/2 - u) log(1 - 2 |1/2 - u| + 1e-5)) at u = i / 9, from 1e5^0.5 to its reciprocal. That formula keeps
  // its 1e-5 in the middle, too, where the quantile has 1e-5 (1 - 2 |1/2 - u|) less: half of 1e-5, and the digits
  // shown.
  const double known[] = {316.227766,   2.121272615,  1.499983125,  1.224735686,  1.060654206,
                          0.9428143449, 0.8165027046, 0.6666741666, 0.4714151273, 0.00316227766};
  const auto levels =
      laplace{.steps = 10, .sigma_min = 0.00316227766016837933, .sigma_max = 316.227766016837933}.levels(
          fokker::schedule::edm{});
  for (std::size_t i = 0; i < 10; ++i) CHECK(std::abs(levels[i].ratio() / known[i] - 1) <= 5e-6 + 1e-9);
}

TEST_CASE("laplace has its median where the density is symmetric, and even steps of log-SNR where it is flat") {
  const fokker::schedule::edm s;
  const auto middle =
      laplace{.steps = 2, .location = std::log(3), .sigma_min = 1, .sigma_max = 9, .end = ending::to_last_level}.levels(
          s);
  CHECK(std::abs(middle[1].sigma - 3) <= 3 * 8 * law::u);
  const auto flat =
      laplace{.steps = 4, .scale = 1e6, .sigma_min = 1, .sigma_max = 16, .end = ending::to_last_level}.levels(s);
  // the density changes by log(16) / 1e6 over the range, and a probability of 1e-6 loses six digits
  for (std::size_t i = 0; i <= 4; ++i)
    CHECK(std::abs(flat[i].sigma / std::ldexp(16, -static_cast<int>(i)) - 1) <= 1e-5);
}

TEST_CASE("laplace refuses a location and a scale that are none, by name and value") {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto levels = [](laplace g) { return [g] { (void)g.levels(fokker::schedule::edm{}); }; };
  law::refused(levels({.location = infinity}), {"location is inf;"});
  law::refused(levels({.scale = 0}), {"scale is 0;"});
  law::refused(levels({.scale = infinity}), {"scale is inf;"});
  law::refused(levels({.scale = std::numeric_limits<double>::quiet_NaN()}), {"scale is nan;"});
}
