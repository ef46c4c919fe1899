// SPDX-License-Identifier: MIT
#include <fokker/noise/diffusers_cpu.hpp>

#include <vector>

#include "noise/drawn.hpp"
#include "noise/drawn/profiles.hpp"
#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("one generator draws for the batch, or each of a list for its sample, as in diffusers") {
  for (const auto& real : test::diffusers_cpu)
    CHECK(test::furthest(real, fk::noise::diffusers_cpu(real.seed), test::apart) <= test::turned);
  for (const auto& real : test::diffusers_cpu_list)
    CHECK(test::furthest(real, fk::noise::diffusers_cpu({7, 3}), test::apart) <= test::turned);
  CHECK(fk::noise::diffusers_cpu({7, 3, 5}).samples() == 3);
}
