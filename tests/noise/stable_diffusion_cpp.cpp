// SPDX-License-Identifier: MIT
#include <fokker/noise/stable_diffusion_cpp.hpp>

#include <fokker/noise/torch_cpu.hpp>
#include <fokker/noise/torch_cuda.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/profiles.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::stable_diffusion_cpp;
using fk::noise::torch_cpu;
using fk::noise::torch_cuda;

TEST_CASE("each picture has a generator of its seed, or two of different kinds") {
  for (const auto& real : test::stable_diffusion_cpp)
    CHECK(test::furthest(real, stable_diffusion_cpp(real.seed, 2), test::apart) <= test::turned);
  for (const auto& real : test::stable_diffusion_cpp_cpu) {
    CHECK(test::furthest(real, stable_diffusion_cpp<torch_cpu>(real.seed, 2), test::apart) <= test::turned);
    CHECK(test::furthest(real, stable_diffusion_cpp<torch_cpu, torch_cpu>(real.seed, 2), test::apart) <= test::turned);
  }
  for (const auto& real : test::stable_diffusion_cpp_both)
    CHECK(test::furthest(real, stable_diffusion_cpp<torch_cpu, torch_cuda>(real.seed, 2), test::apart) <= test::turned);
  CHECK(stable_diffusion_cpp(7).samples() == 1);
}
