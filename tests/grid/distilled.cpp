// SPDX-License-Identifier: MIT
#include <fokker/grid/distilled.hpp>

#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::grid::distilled;

namespace {
const auto table = fokker::schedule::scaled_linear();
std::vector<double> times(const distilled& grid) {
  std::vector<double> list;
  for (const auto& l : grid.levels(table)) list.push_back(l.time);
  return list;
}
}  // namespace

TEST_CASE("distilled is a lawful grid for every number of steps that it has") {
  law::grid([](int steps) { return distilled{.steps = steps}; }, table, fokker::ending::to_data, 1, 50);
  law::grid([](int steps) { return distilled{.steps = steps, .original_steps = 10, .first_ones = true}; }, table,
            fokker::ending::to_data, 1, 10);
  law::grid([](int steps) { return distilled{.steps = steps, .skipped = 13}; }, table,
            [](int) { return fokker::level_at(table, 739); }, fokker::ending::to_data, 1, 37);
  law::steps_refused([](int steps) { return distilled{.steps = steps}; }, table, 50);
  law::steps_refused([](int steps) { return distilled{.steps = steps, .skipped = 13}; }, table, 37);
}

TEST_CASE("distilled takes the timesteps of latent consistency models and of SD-Turbo") {
  // diffusers' LCMScheduler and ComfyUI's SDTurboScheduler
  CHECK(times({.steps = 4}) == std::vector<double>{999, 759, 499, 259, -1});
  CHECK(times({.steps = 1}) == std::vector<double>{999, -1});
  CHECK(times({.steps = 1, .original_steps = 1}) == std::vector<double>{999, -1});
  CHECK(times({.steps = 8}) == std::vector<double>{999, 879, 759, 639, 499, 379, 259, 139, -1});
  CHECK(times({.steps = 3, .original_steps = 10, .first_ones = true}) == std::vector<double>{999, 899, 799, -1});
}

TEST_CASE("distilled takes the timesteps of peers for the part of a run that changes an image") {
  // diffusers' LCMScheduler and TCDScheduler with strength 0.5, of int(50 * 0.5) timesteps; ComfyUI's SDTurboScheduler
  // with denoise 0.5, from the place 10 - int(10 * 0.5) on
  CHECK(times({.steps = 4, .skipped = 25}) == std::vector<double>{499, 379, 259, 139, -1});
  CHECK(times({.steps = 2, .original_steps = 10, .first_ones = true, .skipped = 5}) ==
        std::vector<double>{499, 399, -1});
}

TEST_CASE("distilled refuses more original steps than the table has, by name") {
  law::refused([] { (void)times({.steps = 1, .original_steps = 1001}); }, {"original_steps is 1001", "1 to 1000"});
  law::refused([] { (void)times({.steps = 1, .original_steps = 0}); }, {"original_steps is 0"});
}

TEST_CASE("distilled refuses to skip every timestep, or fewer than none, by name") {
  law::refused([] { (void)times({.steps = 1, .skipped = 50}); }, {"skipped is 50", "0 to 49"});
  law::refused([] { (void)times({.steps = 1, .skipped = -1}); }, {"skipped is -1"});
}
