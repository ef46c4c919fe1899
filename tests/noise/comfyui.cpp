// SPDX-License-Identifier: MIT
#include <fokker/noise/comfyui.hpp>

#include <span>
#include <vector>

#include "noise/drawn.hpp"
#include "noise/drawn/profiles.hpp"
#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("the start is drawn on the CPU, and the steps on the GPU of the same seed or the CPU of the next") {
  for (const auto& real : test::comfyui)
    CHECK(test::furthest(real, fk::noise::comfyui(real.seed), test::apart) <= test::turned);
  for (const auto& real : test::comfyui_gpu)
    CHECK(test::furthest(real, fk::noise::comfyui(real.seed, {2, 256}), test::apart) <= test::turned);
}

TEST_CASE("on the CPU the first step of a seed draws what the next seed starts with") {
  auto noise = fk::noise::comfyui(4), next = fk::noise::comfyui(5);
  std::vector<float> step(20), start(20);
  noise.fill(step, {fk::noise_piece::steps, 0});
  next.fill(start, {fk::noise_piece::start, 0});
  CHECK(step == start);
}
