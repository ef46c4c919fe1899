// SPDX-License-Identifier: MIT
#include <fokker/grid/strength.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::karras;
using fokker::grid::strength;
using fokker::grid::strength_of;
using fokker::grid::time_shift;
using fokker::grid::uniform;

namespace {
const fokker::schedule::edm s;
int steps_of(int steps, double share, strength_of convention) {
  return static_cast<int>(strength{karras{.steps = steps}, share, convention}.levels(s).size()) - 1;
}
}  // namespace

TEST_CASE("the conventions run the steps that their programs run") {
  // diffusers: min(int(N s), N), of flows N - int(N - N s); AUTOMATIC1111: int(N s) + 1, N at most; ComfyUI: N of
  // int(N / s)
  CHECK(steps_of(20, 0.75, strength_of::diffusers) == 15);
  CHECK(steps_of(20, 0.75, strength_of::a1111) == 16);
  CHECK(steps_of(20, 0.75, strength_of::comfyui) == 20);
  CHECK(steps_of(20, 0.75, strength_of::diffusers_flow) == 15);
  CHECK(steps_of(50, 0.33, strength_of::diffusers) == 16);
  CHECK(steps_of(50, 0.33, strength_of::diffusers_flow) == 17);
  CHECK(steps_of(28, 0.6, strength_of::diffusers) == 16);
  CHECK(steps_of(28, 0.6, strength_of::diffusers_flow) == 17);
  // 50 * 0.58 is 28.999999999999996
  CHECK(steps_of(50, 0.58, strength_of::diffusers) == 28);
  CHECK(steps_of(50, 0.58, strength_of::diffusers_flow) == 29);
  CHECK(steps_of(50, 0.58, strength_of::a1111) == 29);
  for (const auto convention :
       {strength_of::diffusers, strength_of::diffusers_flow, strength_of::a1111, strength_of::comfyui})
    for (const int steps : {1, 20, 1000}) CHECK(steps_of(steps, 1, convention) == steps);
}

TEST_CASE("the steps of diffusers' flows are those of Python, also with fused multiplication", "[bits]") {
  // 10 * 0.9 is 9.0, 50 * 0.56 is 28.000000000000004, and 100 - 7.000000000000001 is 93.0.
  CHECK(steps_of(10, 0.9, strength_of::diffusers_flow) == 9);
  CHECK(steps_of(50, 0.56, strength_of::diffusers_flow) == 29);
  CHECK(steps_of(100, 0.07, strength_of::diffusers_flow) == 7);
}

TEST_CASE("strength keeps the last steps of a grid: of its own, or of a longer one") {
  const auto ends = [](const karras& grid, const std::vector<fokker::level>& levels) {
    const auto all = grid.levels(s);
    for (std::size_t i = 1; i <= levels.size(); ++i)
      CHECK(levels[levels.size() - i].sigma == all[all.size() - i].sigma);
  };
  ends(karras{.steps = 20}, strength{karras{.steps = 20}, 0.4}.levels(s));
  ends(karras{.steps = 50}, strength{karras{.steps = 20}, 0.4, strength_of::comfyui}.levels(s));
}

TEST_CASE("a shift goes around strength, and gives the last steps of the shifted grid", "[bits]") {
  const fokker::schedule::flow_linear flow;
  const auto all = time_shift{uniform{.steps = 28}, 3.0}.levels(flow);
  const auto last = time_shift{strength{uniform{.steps = 28}, 0.6, strength_of::diffusers_flow}, 3.0}.levels(flow);
  REQUIRE(last.size() == 18);
  for (std::size_t i = 1; i <= last.size(); ++i) CHECK(last[last.size() - i].time == all[all.size() - i].time);
}

TEST_CASE("strength refuses shares that leave nothing or that are none, by name") {
  for (const auto convention :
       {strength_of::diffusers, strength_of::diffusers_flow, strength_of::a1111, strength_of::comfyui})
    for (const double share : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()})
      law::refused([&] { (void)steps_of(20, share, convention); }, {"share is ", "above 0 and up to 1"});
  law::refused([] { (void)steps_of(20, 0.04, strength_of::diffusers); }, {"share is 0.04", "not one step"});
  CHECK(steps_of(20, 0.04, strength_of::diffusers_flow) == 1);
  CHECK(steps_of(20, 0.04, strength_of::a1111) == 1);
  CHECK(steps_of(20, 0.04, strength_of::comfyui) == 20);
}

TEST_CASE("strength refuses steps of its grid that are none, by name, before it counts with them") {
  for (const auto convention :
       {strength_of::diffusers, strength_of::diffusers_flow, strength_of::a1111, strength_of::comfyui})
    law::steps_refused([&](int steps) { return strength{karras{.steps = steps}, 0.5, convention}; }, s, 1'000'000);
}
