// SPDX-License-Identifier: MIT
#include <fokker/noise/per_sample.hpp>

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

TEST_CASE("each sample draws what it would draw alone") {
  const std::vector<fk::noise::philox> each{
      {.seed = 3}, {.seed = 5, .first_sample = 7}, {.seed = 3, .first_sample = 1}};
  for (const std::size_t size : {1u, 3u, 4u, 5u, 2000u}) {
    std::vector<float> batch(each.size() * size), alone(size);
    fk::fill_normal(fk::noise::per_sample{each}, fk::backend::host_view{batch.data(), {each.size(), size}});
    for (std::size_t s = 0; s < each.size(); ++s) {
      fk::fill_normal(each[s], fk::backend::host_view{alone.data(), {1, size}});
      CHECK(std::vector<float>(batch.begin() + static_cast<std::ptrdiff_t>(s * size),
                               batch.begin() + static_cast<std::ptrdiff_t>((s + 1) * size)) == alone);
    }
  }
}
