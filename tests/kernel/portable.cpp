// SPDX-License-Identifier: MIT
#include <fokker/kernel/portable.hpp>

#include <limits>

#include "support/catch.hpp"

namespace fk = fokker;
namespace portable = fk::kernel::portable;

TEST_CASE("portable normals are those of their positions") {
  const fk::noise::philox source{.seed = 4};
  float run[12], small[6];
  portable::normals(run, 9, 5, 2, 7, 1, 4);
  for (std::uint32_t e = 0; e < 9; ++e) CHECK(run[e] == source.normals(2, 5 + e / 4, {1, 7}).z[e % 4]);
  portable::normals_of_small(small, 3, 2, 8, 7, 1, 4);
  for (std::uint32_t s = 0; s < 3; ++s)
    for (std::uint32_t e = 0; e < 2; ++e) CHECK(small[2 * s + e] == source.normals(8 + s, 0, {1, 7}).z[e]);
}

TEST_CASE("portable rows are chains of fma") {
  fk::plan::update u{.input_count = 2, .normal_count = 1, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {0.7, -1.3};
  u.rows[0].normals = {0.9};
  u.rows[1].inputs = {0, 0.2};
  u.rows[1].earlier = {-0.6};
  const float a = 1.1f, b = -0.4f, z = 2.5f;
  float first = 0, second = 0;
  const fk::kernel::run<float, float> at{.inputs = {&a, &b},
                                         .outputs = {},
                                         .normals = {&z},
                                         .tables = {},
                                         .rows = {&first, &second},
                                         .copy = nullptr,
                                         .copied = 0};
  portable::rows_of(fk::kernel::chain<float>(u), at, 1);
  const float expected = std::fma(0.9f, z, std::fma(-1.3f, b, 0.7f * a));
  CHECK(first == expected);
  CHECK(second == std::fma(-0.6f, expected, 0.2f * b));
}

TEST_CASE("a clamp takes what is outside to its bound, and keeps NaN") {
  CHECK(portable::clamped(0.5f, 1.0f) == 0.5f);
  CHECK(portable::clamped(3.0f, 1.0f) == 1);
  CHECK(portable::clamped(-3.0f, 1.0f) == -1);
  CHECK(portable::clamped(-3.0, 0.0) == 0);
  CHECK(fk::detail::is_nan(portable::clamped(std::numeric_limits<float>::quiet_NaN(), 1.0f)));
}

TEST_CASE("the exponential of a learned deviation is within an ulp, and keeps NaN") {
  double worst = 0;
  for (float x = -87; x <= 87; x += 0x1p-10f) {
    const double exact = std::exp(static_cast<double>(x));
    const double ulp = std::ldexp(1.0, std::ilogb(exact) - 23);
    worst = std::max(worst, std::abs(portable::exponential(x) - exact) / ulp);
  }
  CHECK(worst <= 1);
  CHECK(portable::exponential(0) == 1);
  CHECK(portable::exponential(1000) == portable::exponential(87));
  CHECK(portable::exponential(-1000) == portable::exponential(-87));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(fk::detail::is_nan(portable::exponential(nan)));
}
