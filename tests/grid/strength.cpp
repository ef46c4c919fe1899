// SPDX-License-Identifier: MIT
#include <fokker/grid/strength.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/schedule/edm.hpp>

#include "support/laws.hpp"

using fokker::grid::karras;
using fokker::grid::strength;
using fokker::grid::strength_of;

namespace {
const fokker::schedule::edm s;
int steps_of(int steps, double share, strength_of convention) {
  return static_cast<int>(strength{karras{.steps = steps}, share, convention}.levels(s).size()) - 1;
}
}  // namespace

TEST_CASE("the conventions run the steps that their programs run") {
  // diffusers: min(int(N s), N); AUTOMATIC1111: one more, N at most; ComfyUI: N of int(N / s)
  CHECK(steps_of(20, 0.75, strength_of::diffusers) == 15);
  CHECK(steps_of(20, 0.75, strength_of::a1111) == 16);
  CHECK(steps_of(20, 0.75, strength_of::comfyui) == 20);
  CHECK(steps_of(50, 0.33, strength_of::diffusers) == 16);
  for (const auto convention : {strength_of::diffusers, strength_of::a1111, strength_of::comfyui})
    CHECK(steps_of(20, 1, convention) == 20);
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

TEST_CASE("strength refuses shares that leave nothing or that are none, by name") {
  for (const double share : {0.0, -0.5, 1.5})
    law::refused([&] { (void)steps_of(20, share, strength_of::a1111); }, {"share is "});
  law::refused([] { (void)steps_of(20, 0.04, strength_of::diffusers); }, {"share is 0.04", "not one step"});
  CHECK(steps_of(20, 0.04, strength_of::a1111) == 1);
}
