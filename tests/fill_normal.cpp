// SPDX-License-Identifier: MIT
#include <fokker/fill_normal.hpp>

#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/bfloat16.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

TEMPLATE_TEST_CASE("a tensor is filled with the normals of its places, rounded to its type", "", float, double,
                   fk::half, fk::bfloat16) {
  const fk::noise::philox noise{.seed = 8, .first_sample = 2};
  std::vector<TestType> x(3 * 50);
  fk::fill_normal(noise, fk::backend::host_view{x.data(), {3, 5, 10}}, {.stream = 20, .id = 4});
  bool same = true;
  for (std::uint32_t s = 0; s < 3; ++s)
    for (std::uint32_t e = 0; e < 50; ++e)
      same = same && static_cast<float>(x[s * 50 + e]) ==
                         static_cast<float>(TestType(noise.normals(s, e / 4, {20, 4}).z[e % 4]));
  CHECK(same);
}

TEST_CASE("a tensor without elements is refused") {
  std::vector<float> none;
  law::refused([&] { fk::fill_normal(fk::noise::philox{}, none); }, {"the shape of x is (0);"});
}

TEST_CASE("deviations that are none are refused") {
  std::vector<float> x(3, 7);
  const auto refused = [&](double deviation, const char* text) {
    law::refused([&] { fk::fill_normal(fk::noise::philox{}, x, {}, deviation); }, {text});
    CHECK(x == std::vector<float>(3, 7));
  };
  refused(std::numeric_limits<double>::quiet_NaN(), "deviation is nan; allowed: a finite number");
  refused(std::numeric_limits<double>::infinity(), "deviation is inf; allowed: a finite number");
}
