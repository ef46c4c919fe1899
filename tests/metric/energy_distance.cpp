// SPDX-License-Identifier: MIT
#include <fokker/metric/energy_distance.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/bfloat16.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/half.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace {

/// Memory that the host reads by copies alone, as that of a device.
struct apart {
  std::vector<float> memory;
};
struct space_apart {
  template <class A>
  [[nodiscard]] static std::vector<A> on_host(const A* from, std::size_t count) {
    return {from, from + count};
  }
};

}  // namespace

template <>
struct fokker::backend::tensor<apart> {
  using element = float;
  static const float* data(const apart& t) { return t.memory.data(); }
  static extents shape(const apart& t) { return {t.memory.size() / 2, 2}; }
  static space_apart space(const apart&) { return {}; }
};

namespace fk = fokker;
using fk::metric::energy_distance;

TEST_CASE("the energy distance of two points is twice their distance, and of a set from itself 0") {
  float a[] = {0, 0}, b[] = {3, 4};
  const fk::backend::host_view<float> x{a, {1, 2}}, y{b, {1, 2}};
  CHECK(energy_distance(x, y) == 10);
  const std::vector<float> set{1, 5, -2};
  CHECK(energy_distance(set, set) == 0);
}

TEST_CASE("a memory space needs nothing of its own for the energy distance") {
  CHECK(energy_distance(apart{{0, 0}}, apart{{3, 4}}) == 10);
  CHECK(energy_distance(apart{{0, 0, 1, 2}}, apart{{0, 0, 1, 2}}) == 0);
}

TEST_CASE("the energy distance of N(0, 1) and N(1, 1) is what its integrals say") {
  // E|N(m, 2)| is 2/sqrt(pi) for m = 0, and 2/sqrt(pi) e^{-1/4} + erf(1/2) for m = 1.
  const double same = 2 / std::sqrt(std::acos(-1.0));
  const double exact = 2 * (same * std::exp(-0.25) + std::erf(0.5)) - 2 * same;
  CHECK(exact == Approx(0.541806579305957).epsilon(1e-14));
  const std::size_t n = 4000;
  std::vector<double> x(n), y(n);
  fk::fill_normal(fk::noise::philox{.seed = 1}, x);
  fk::fill_normal(fk::noise::philox{.seed = 2}, y);
  for (double& v : y) v += 1;
  // A point x moves its terms by 2 (E|x - Y| - E|x - X'|), between -2 and 2 as the means are 1 apart: the deviation is
  // at most 2 sqrt(2/n), of which four are allowed. Pairs of a point with itself lower each of the last terms by 1/n.
  CHECK(std::abs(energy_distance(x, y) - exact) < 4 * 2 * std::sqrt(2.0 / n) + 2 * same / n);
}

TEST_CASE("of points of equal probability it is the exact one to the steps of their distribution") {
  const int n = 1000;
  std::vector<double> x, y;
  for (int i = 0; i < n; ++i) {
    const double share = (i + 0.5) / n;
    double low = -8, high = 8;
    for (int halvings = 0; halvings < 60; ++halvings) {
      const double middle = (low + high) / 2;
      (std::erfc(-middle / std::sqrt(2.0)) / 2 < share ? low : high) = middle;
    }
    x.push_back(low);
    y.push_back(low + 1);
  }
  // In one dimension it is 2 int (F - G)^2. Points move F and G by 1/(2n) at most, so F - G = a by some e of at most
  // 1/n, and it by 2 int |e (2a + e)|, at most 2/n (2 int |a| + int |e|). int |a| is 1, the distance of the means;
  // int |e| is below 1/2: at most 1/n over the 8 that hold the points, and two tails of each.
  CHECK(std::abs(energy_distance(x, y) - 0.541806579305957) < 5.0 / n);
  CHECK(energy_distance(y, x) == Approx(energy_distance(x, y)).epsilon(1e-12));
}

TEST_CASE("elements may be of 16 bits and of two types, samples of any shape") {
  fk::half a[] = {fk::half(0.0f), fk::half(0.0f)};
  fk::bfloat16 b[] = {fk::bfloat16(3.0f), fk::bfloat16(4.0f)};
  CHECK(energy_distance(fk::backend::host_view<fk::half>{a, {1, 2}},
                        fk::backend::host_view<fk::bfloat16>{b, {1, 1, 2}}) == 10);
}

TEST_CASE("samples that lie nowhere are refused") {
  float a[2] = {};
  const fk::backend::host_view<float> x{a, {2}}, nowhere{nullptr, {2}};
  law::refused([&] { (void)energy_distance(nowhere, x); }, {"the data of x is null;"});
  law::refused([&] { (void)energy_distance(x, nowhere); }, {"the data of y is null;"});
}

TEST_CASE("samples of different sizes and empty tensors are refused") {
  float a[6] = {};
  const fk::backend::host_view<float> x{a, {2, 3}}, y{a, {3, 2}}, none{a, {0, 3}};
  law::refused([&] { (void)energy_distance(x, y); }, {"the size of a sample of y is 2;", "3, that of x"});
  law::refused([&] { (void)energy_distance(none, x); }, {"the shape of x is (0, 3);"});
}
