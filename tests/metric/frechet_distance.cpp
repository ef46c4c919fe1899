// SPDX-License-Identifier: MIT
#include <fokker/metric/frechet_distance.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::metric::gaussian_fit;

namespace {
double distance(const gaussian_fit& a, const gaussian_fit& b) {
  return fk::metric::frechet_distance<fk::backend::xtensor_products>(a, b);
}
}  // namespace

TEST_CASE("the distance of two Gaussians that do not commute is the known one, either way") {
  const gaussian_fit a{2, {0, 0}, {2, 0.5, 0.5, 1}}, b{2, {1, -2}, {1, -0.3, -0.3, 1.5}};
  CHECK(distance(a, b) == Approx(5.463471189606476).epsilon(1e-13));
  CHECK(distance(b, a) == Approx(5.463471189606476).epsilon(1e-13));
}

TEST_CASE("of commuting Gaussians it is the squared distance of means and of deviations") {
  const gaussian_fit a{2, {1, 2}, {4, 0, 0, 9}}, b{2, {1, 5}, {1, 0, 0, 16}}, one{1, {0}, {4}}, other{1, {3}, {25}};
  CHECK(distance(a, b) == Approx(9 + 1 + 1).epsilon(1e-13));
  CHECK(distance(one, other) == Approx(9 + 9).epsilon(1e-13));
  CHECK(distance(a, a) == Approx(0).margin(1e-13));
}

TEST_CASE("a fit is the mean and the unbiased covariance, also of fewer samples than numbers") {
  const std::vector<float> memory{1, 2, 3, 3, 6, 3};
  auto values = memory;
  const gaussian_fit f = fk::metric::fit(fk::backend::host_view<float>{values.data(), {2, 3}});
  CHECK(f.mean == std::vector<double>{2, 4, 3});
  CHECK(f.covariance == std::vector<double>{2, 4, 0, 4, 8, 0, 0, 0, 0});
  const gaussian_fit by_blas =
      fk::metric::fit(fk::backend::host_view<float>{values.data(), {2, 3}}, fk::backend::xtensor_products{});
  CHECK(by_blas.covariance == f.covariance);
  // Of rank 1: roots of what rounds below 0 are none; a root of rounding of 1e-16 of the trace is 1e-8 of it.
  CHECK(std::abs(distance(f, f)) < 1e-6);
}

TEST_CASE("of two lines, u u^T and v v^T, the root's trace is |u . v|") {
  std::vector<double> first{1, 2, 3, 3, 6, 3}, second{0, 0, 0, 0, 2, 4};
  const gaussian_fit a = fk::metric::fit(fk::backend::host_view<double>{first.data(), {2, 3}});
  const gaussian_fit b = fk::metric::fit(fk::backend::host_view<double>{second.data(), {2, 3}});
  // Means are (2, 3, 1) apart, |u|^2 = |v|^2 = 10, u . v = 4. Two eigenvalues are 0 but for the rounding of |S1| |S2| =
  // 100, nine of them at most; twice the roots of both are missing.
  const double rounding = 4 * std::sqrt(9 * 100 * law::u);
  CHECK(std::abs(distance(a, b) - (14 + 20 - 8)) < rounding);
  CHECK(std::abs(distance(b, a) - (14 + 20 - 8)) < rounding);
}

TEST_CASE("eigenvalues of 0 that round below it make no distance that is not a number") {
  const std::size_t samples = 20, n = 64;  // 45 eigenvalues are 0
  std::vector<double> x(samples * n);
  fk::fill_normal(fk::noise::philox{.seed = 3}, x);
  const gaussian_fit f = fk::metric::fit(fk::backend::host_view<double>{x.data(), {samples, n}});
  double trace = 0;
  for (std::size_t k = 0; k < n; ++k) trace += f.covariance[k * n + k];
  // Sums of n terms round by n u of |S|^2 a few times: twice n roots of that, with the trace for |S|, eight times it.
  CHECK(std::abs(distance(f, f)) < 2 * n * trace * std::sqrt(n * law::u));
}

TEST_CASE("one sample has no covariance, nor has what lies nowhere, and fits of different sizes no distance") {
  const std::vector<float> one{1};
  law::refused([&] { (void)fk::metric::fit(one); }, {"the number of samples of x is 1;"});
  const fk::backend::host_view<float> nowhere{nullptr, {2}};
  law::refused([&] { (void)fk::metric::fit(nowhere); }, {"the data of x is null;"});
  law::refused(
      [&] {
        (void)distance({1, {0}, {1}}, {2, {0, 0}, {1, 0, 0, 1}});
      },
      {"the size of b is 2;", "1, that of a"});
}

TEST_CASE("a fit whose lists are not of its size is refused") {
  law::refused([] { (void)distance({2, {0}, {1, 0, 0, 1}}, {2, {0, 0}, {1, 0, 0, 1}}); }, {"the size of a fit is 2;"});
}
