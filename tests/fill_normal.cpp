// SPDX-License-Identifier: MIT
#include <fokker/fill_normal.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/bfloat16.hpp>
#include <fokker/noise/each.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/noise/torch_cpu.hpp>

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

TEMPLATE_TEST_CASE("a sequence goes on from one tensor to the next", "", float, double, fk::half) {
  fk::noise::torch_cpu noise(5), same(5);
  std::vector<TestType> x(3 * 7), y(20);
  fk::fill_normal(noise, fk::backend::host_view{x.data(), {3, 7}});
  fk::fill_normal(noise, y, {}, 0.5);
  const auto next = [&](const std::vector<TestType>& filled, float deviation) {
    std::vector<float> z(filled.size());
    same.fill(z);
    for (std::size_t i = 0; i < z.size(); ++i)
      if (!(filled[i] == TestType(deviation * z[i]))) return false;
    return true;
  };
  CHECK(next(x, 1));
  CHECK(next(y, 0.5f));
  // What cannot be changed is copied.
  const fk::noise::torch_cpu before = noise;
  std::vector<TestType> a(20), b(20);
  fk::fill_normal(before, a);
  fk::fill_normal(fk::noise::torch_cpu(before), b);
  CHECK(std::equal(a.begin(), a.end(), b.begin()));
  CHECK(next(a, 1));
}

TEST_CASE("what a sequence cannot fill is refused before it draws") {
  std::vector<float> none, x(3, 7), z(1), first(1);
  fk::noise::torch_cpu noise(5);
  law::refused([&] { fk::fill_normal(noise, none); }, {"the shape of x is (0);"});
  law::refused([&] { fk::fill_normal(noise, x, {}, std::numeric_limits<double>::infinity()); }, {"deviation is inf"});
  CHECK(x == std::vector<float>(3, 7));
  noise.fill(z);
  fk::noise::torch_cpu(5).fill(first);
  CHECK(z == first);
  law::refused(
      [&] {
        fk::fill_normal(fk::noise::each<fk::noise::torch_cpu>{{noise, noise}}, x);
      },
      {"the number of samples of the noise is 2", "3, as many as x has"});
}
