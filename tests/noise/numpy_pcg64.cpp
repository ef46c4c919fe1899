// SPDX-License-Identifier: MIT
#include <fokker/noise/numpy_pcg64.hpp>

#include <cmath>
#include <vector>

#include <fokker/concept/noise_source.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/numpy_pcg64.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::numpy_pcg64;
static_assert(fk::noise_sequence<numpy_pcg64> && !fk::noise_source<numpy_pcg64>);

// The layers are products of numpy's own numbers.
TEST_CASE("normals are those of numpy's default_rng within two units in the last place", "[bits]") {
  for (const auto& real : test::numpy_pcg64) {
    INFO("seed " << real.seed << ", first size " << real.sizes[0]);
    CHECK(test::furthest(real, numpy_pcg64(real.seed)) <= 2);
  }
}

TEST_CASE("float normals of numpy's default_rng are the rounded ones") { test::rounds_to_float(numpy_pcg64(7)); }

// Beyond 3.654 the logarithm makes them, and another bit is their sign.
TEST_CASE("normals of the tail are numpy's") {
  std::vector<double> z(10000);
  numpy_pcg64(1).fill(std::span(z));
  CHECK(std::abs(z[860] - 0x1.e035931978327p+1) <= 0x1p-51);
  CHECK(std::abs(z[3284] - 0x1.dbdba47b03290p+1) <= 0x1p-51);
  CHECK(std::abs(z[4912] - 0x1.f7447f61adda7p+1) <= 0x1p-51);
  CHECK(std::abs(z[9176] - -0x1.d50621848197dp+1) <= 0x1p-51);
  CHECK(std::abs(z[9460] - -0x1.eb3f1112c3d24p+1) <= 0x1p-51);
  CHECK(std::abs(z[9999] - 0x1.7bdf2b5181ddbp-3) <= 0x1p-51);
}
