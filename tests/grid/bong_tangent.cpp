// SPDX-License-Identifier: MIT
#include <fokker/grid/bong_tangent.hpp>

#include <array>
#include <cmath>
#include <limits>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::bong_tangent;
using fokker::schedule::flow_linear;

namespace {

const auto make = [](int steps) { return bong_tangent{.steps = steps}; };

}  // namespace

TEST_CASE("bong_tangent is a lawful grid on every schedule") {
  law::grid(make, flow_linear{});
  law::grid(make, fokker::schedule::vp_linear{});
  law::grid(make, fokker::schedule::cosine{});
  law::grid(make, fokker::schedule::edm{});
  law::grid(make, fokker::schedule::scaled_linear());
  law::grid(make, archetype::schedule{});
  law::grid(make, flow_linear{}, ending::to_data, 1'000'000, 1'000'000);
  law::steps_refused(make, flow_linear{}, 1'000'000);
}

TEST_CASE("bong_tangent is a lawful grid wherever its pieces meet, gentle or steep") {
  for (const double pivot : {0.001, 0.3, 0.999})
    for (const double slope : {1e-3, 5.0})
      law::grid([=](int steps) { return bong_tangent{.steps = steps, .pivot = pivot, .slope = slope}; }, flow_linear{},
                ending::to_data, 1, 300);
}

TEST_CASE("bong_tangent has the shares of RES4LYF") {
  // Independent 40-digit evaluation of its two scaled arctangents. An angle rounds six times, a quotient of two once.
  const auto check = [](const auto& known) {
    const auto levels = make(static_cast<int>(known.size()) - 1).levels(flow_linear{});
    for (std::size_t i = 0; i < known.size(); ++i) CHECK(std::abs(levels[i].sigma - known[i]) <= 13 * law::u);
  };
  check(std::array{1.0, 0.978045022173024, 0.947930918336998, 0.904316922113308, 0.836365071831819, 0.719834419445633,
                   0.5, 0.257429803411193, 0.117460565702554, 0.0432651479635279, 0.0});
  check(std::array{1.0, 0.86199264508918, 0.5, 0.0});
  check(std::array{1.0, 0.5, 0.0});
  check(std::array{1.0, 0.0});
}

TEST_CASE("bong_tangent between the ends of Stable Diffusion has the levels of stable-diffusion.cpp") {
  // which puts the data in the place of the last one; known to six digits
  const double known[] = {14.6146, 14.2944, 13.8552, 13.2191, 12.2279, 10.5283, 7.3219, 3.7839, 1.74239, 0.66021};
  const double last = 0.029167158151720;
  const auto levels = make(10).levels(fokker::schedule::edm{.sigma_max = 14.614641229333646 - last});
  for (std::size_t i = 0; i < 10; ++i) CHECK(std::abs((levels[i].sigma + last) / known[i] - 1) <= 8e-6);
}

TEST_CASE("bong_tangent refuses a pivot and a slope that are none, by name and value") {
  const auto levels = [](bong_tangent g) { return [g] { (void)g.levels(flow_linear{}); }; };
  law::refused(levels({.pivot = 0}), {"pivot is 0;"});
  law::refused(levels({.pivot = 1}), {"pivot is 1;"});
  law::refused(levels({.slope = 0}), {"slope is 0;"});
  law::refused(levels({.slope = std::numeric_limits<double>::infinity()}), {"slope is inf;"});
}
