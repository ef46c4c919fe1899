// SPDX-License-Identifier: MIT
#include <fokker/grid/linear_quadratic.hpp>

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
using fokker::grid::linear_quadratic;
using fokker::schedule::flow_linear;

namespace {

const auto make = [](int steps) { return linear_quadratic{.steps = steps}; };

template <class Known>
void check_sigmas(const linear_quadratic& grid, const Known& known) {
  const auto levels = grid.levels(flow_linear{});
  REQUIRE(levels.size() == std::size(known));
  // numbers up to 1, of six roundings
  for (std::size_t i = 0; i < levels.size(); ++i) CHECK(std::abs(levels[i].sigma - known[i]) <= 6 * law::u);
  CHECK(levels.front().is_noise());
  CHECK(levels.back().is_data());
}

}  // namespace

TEST_CASE("linear_quadratic is a lawful grid on every schedule") {
  law::grid(make, flow_linear{});
  law::grid(make, fokker::schedule::vp_linear{});
  law::grid(make, fokker::schedule::cosine{});
  law::grid(make, fokker::schedule::edm{});
  law::grid(make, fokker::schedule::scaled_linear());
  law::grid(make, archetype::schedule{});
  law::grid(make, flow_linear{}, ending::to_data, 1'000'000, 1'000'000);
  law::steps_refused(make, flow_linear{}, 1'000'000);
}

TEST_CASE("linear_quadratic is a lawful grid for every part of linear steps, up to the largest threshold") {
  for (const int linear : {1, 7, 19})
    for (const double part : {0.01, 0.5, 0.999})
      law::grid(
          [=](int steps) {
            return linear_quadratic{
                .steps = steps, .threshold = part * 2 * linear / (linear + steps), .linear_steps = linear};
          },
          flow_linear{}, ending::to_data, linear + 1, 200);
}

TEST_CASE("linear_quadratic has the ten steps of Mochi in ComfyUI, and one step") {
  check_sigmas(make(10), std::array{1.0, 0.995, 0.99, 0.985, 0.98, 0.975, 0.932, 0.813, 0.618, 0.347, 0.0});
  check_sigmas(make(1), std::array{1.0, 0.0});
}

TEST_CASE("linear_quadratic takes linear steps of the user's own") {
  // independent evaluation of Mochi's three coefficients
  check_sigmas({.steps = 7, .threshold = 0.1, .linear_steps = 2},
               std::array{1.0, 0.95, 0.9, 0.824, 0.696, 0.516, 0.284, 0.0});
}

TEST_CASE("linear_quadratic refuses a threshold and linear steps that leave no way to data, by name and value") {
  const auto levels = [](linear_quadratic g) { return [g] { (void)g.levels(flow_linear{}); }; };
  law::refused(levels({.steps = 10, .threshold = 0}), {"threshold is 0;"});
  law::refused(levels({.steps = 10, .threshold = 0.7}), {"threshold is 0.7;", "below 0.6666"});
  law::refused(levels({.steps = 10, .threshold = std::numeric_limits<double>::quiet_NaN()}), {"threshold is nan;"});
  law::refused(levels({.steps = 10, .linear_steps = 10}), {"linear_steps is 10;", "to 9"});
  law::refused(levels({.steps = 10, .linear_steps = -1}), {"linear_steps is -1;"});
  law::refused(levels({.steps = 1, .linear_steps = 1}), {"linear_steps is 1;", "to 0"});
}
