// SPDX-License-Identifier: MIT
#include <fokker/backend/xtensor_blas.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/model/empirical.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

TEMPLATE_TEST_CASE("BLAS and plain loops agree to rounding", "", float, double) {
  using E = TestType;
  using blas = fk::backend::products<xt::xtensor<E, 2>>;
  STATIC_REQUIRE(std::is_base_of_v<fk::backend::xtensor_products, blas>);
  STATIC_REQUIRE(std::is_base_of_v<fk::backend::xtensor_products, fk::backend::products<xt::xarray<E>>>);
  const auto check = [](std::size_t m, std::size_t n, std::size_t k) {
    std::vector<E> a(m * k), b(n * k), size_a(m * k), size_b(n * k);
    for (std::size_t i = 0; i < a.size(); ++i)
      size_a[i] = std::abs(a[i] = static_cast<E>(std::sin(1.7 * static_cast<double>(i))));
    for (std::size_t i = 0; i < b.size(); ++i)
      size_b[i] = std::abs(b[i] = static_cast<E>(std::cos(2.3 * static_cast<double>(i))));
    const E nan = std::numeric_limits<E>::quiet_NaN();
    std::vector<E> by_blas(m * n, nan), plain(m * n), sizes(m * n);
    // Each errs by at most k eps/2 times the sum of the terms' sizes, which is itself computed to k eps.
    const E bound = static_cast<E>(k) * std::numeric_limits<E>::epsilon() *
                    (1 + static_cast<E>(k) * std::numeric_limits<E>::epsilon());
    const auto compare = [&] {
      for (std::size_t i = 0; i < m * n; ++i) CHECK(std::abs(by_blas[i] - plain[i]) <= bound * sizes[i]);
    };
    blas::times_transposed(m, n, k, a.data(), b.data(), by_blas.data());
    fk::kernel::product::times_transposed(m, n, k, a.data(), b.data(), plain.data());
    fk::kernel::product::times_transposed(m, n, k, size_a.data(), size_b.data(), sizes.data());
    compare();
    blas::times(m, n, k, a.data(), b.data(), by_blas.data());
    fk::kernel::product::times(m, n, k, a.data(), b.data(), plain.data());
    fk::kernel::product::times(m, n, k, size_a.data(), size_b.data(), sizes.data());
    compare();
  };
  check(1, 1, 1);
  check(3, 20, 7);
  check(17, 33, 129);
}

TEST_CASE("a matrix that BLAS cannot count is refused before it is touched") {
  const std::size_t many = std::size_t{std::numeric_limits<xt::blas_index_t>::max()} + 1;
  const float* none = nullptr;
  float* nowhere = nullptr;
  CHECK_THROWS_AS(fk::backend::xtensor_products::times(many, 1, 1, none, none, nowhere), std::invalid_argument);
  CHECK_THROWS_AS(fk::backend::xtensor_products::times_transposed(1, 1, many, none, none, nowhere),
                  std::invalid_argument);
}

TEST_CASE("a data set of images in xtensor and the same memory on the host denoise alike") {
  const std::size_t rows = 9, samples = 300;  // more samples than are taken at once
  xt::xtensor<double, 4> data = xt::empty<double>({rows, std::size_t{1}, std::size_t{3}, std::size_t{2}});
  for (std::size_t i = 0; i < data.size(); ++i) data.data()[i] = std::sin(3.1 * static_cast<double>(i));
  xt::xarray<double> x = xt::empty<double>({samples, std::size_t{6}}), out = x;
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = 1.5 * std::cos(0.7 * static_cast<double>(i));
  fk::backend::host_view view{data.data(), {rows, 6}}, x_view{x.data(), {samples, 6}};
  std::vector<double> memory(x.size());
  fk::backend::host_view out_view{memory.data(), {samples, 6}};

  const fk::level at{.alpha = 0.8, .sigma = 0.6};
  fk::model::empirical{data}(out, x, at);  // the data's dimensions need not be those of x
  fk::model::empirical{view}(out_view, x_view, at);
  // The products differ by 6 eps |x| |m| <= 6 eps 6 1.5, a score by alpha/sigma^2 < 2.3 of it: shares of sum 1 move
  // D, of size 1, by twice that. The last product and the division add 9 + 2 roundings.
  const double bound = std::numeric_limits<double>::epsilon() * (2 * 2.3 * 54 + 11);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(out.data()[i] - memory[i]) <= bound);
}
