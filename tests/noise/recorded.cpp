// SPDX-License-Identifier: MIT
#include <fokker/noise/recorded.hpp>

#include <vector>

#include <fokker/concept/noise_source.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
static_assert(fk::noise_sequence<fk::noise::recorded>);

TEST_CASE("recorded normals come in their order, until none is left") {
  const std::vector<float> all{1, 2, 3, 4, 5, 6};
  fk::noise::recorded noise{all};
  std::vector<float> z(2);
  noise.fill(z);
  CHECK(z == std::vector<float>{1, 2});
  noise.fill(z);
  CHECK(z == std::vector<float>{3, 4});
  z.resize(3);
  law::refused([&] { noise.fill(z); }, {"the number of recorded normals that are left is 2; allowed: 3 or more"});
  CHECK(z == std::vector<float>{3, 4, 0});
  z.resize(2);
  noise.fill(z);  // all that are left
  CHECK(z == std::vector<float>{5, 6});
}
