// SPDX-License-Identifier: MIT
#include <fokker/noise/diffusers_cuda.hpp>

#include <vector>

#include "noise/drawn.hpp"
#include "noise/drawn/profiles.hpp"
#include "support/catch.hpp"

namespace fk = fokker;

TEST_CASE("one generator draws for the batch on a device, or each of a list for its sample, as in diffusers") {
  const fk::noise::cuda_device small{2, 256};
  for (const auto& real : test::diffusers_cuda)
    CHECK(test::furthest(real, fk::noise::diffusers_cuda(real.seed, small), test::apart) <= test::turned);
  for (const auto& real : test::diffusers_cuda_list)
    CHECK(test::furthest(real, fk::noise::diffusers_cuda({7, 3}, small), test::apart) <= test::turned);
  CHECK(fk::noise::diffusers_cuda({7, 3, 5}, small).samples() == 3);
}
