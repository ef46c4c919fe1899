// SPDX-License-Identifier: MIT
#include <fokker/metric/energy_distance.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::metric::energy_distance;

TEST_CASE("the energy distance of two points is twice their distance, and of a set from itself 0") {
  float a[] = {0, 0}, b[] = {3, 4};
  const fk::backend::host_view<float> x{a, {1, 2}}, y{b, {1, 2}};
  CHECK(energy_distance(x, y) == 10);
  const std::vector<float> set{1, 5, -2};
  CHECK(energy_distance(set, set) == 0);
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

TEST_CASE("samples of different sizes and empty tensors are refused") {
  float a[6] = {};
  const fk::backend::host_view<float> x{a, {2, 3}}, y{a, {3, 2}}, none{a, {0, 3}};
  law::refused([&] { (void)energy_distance(x, y); }, {"the size of a sample of y is 2;", "3, that of x"});
  law::refused([&] { (void)energy_distance(none, x); }, {"the shape of x is (0, 3);"});
}
