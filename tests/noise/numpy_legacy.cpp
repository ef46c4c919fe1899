// SPDX-License-Identifier: MIT
#include <fokker/noise/numpy_legacy.hpp>

#include <vector>

#include <fokker/concept/noise_source.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/numpy_legacy.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::numpy_legacy;
static_assert(fk::noise_sequence<numpy_legacy> && !fk::noise_source<numpy_legacy>);

// All is rounded alike but the logarithm, within one unit of the library's own.
TEST_CASE("normals are those of numpy's RandomState within two units in the last place", "[bits]") {
  for (const auto& real : test::numpy_legacy) {
    INFO("seed " << real.seed << ", first size " << real.sizes[0]);
    CHECK(test::furthest(real, numpy_legacy(static_cast<std::uint32_t>(real.seed))) <= 2);
  }
}

TEST_CASE("float normals of numpy's RandomState are the rounded ones, and a point's second goes on in the next") {
  test::rounds_to_float(numpy_legacy(7));
}
