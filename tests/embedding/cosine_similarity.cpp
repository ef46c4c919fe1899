// SPDX-License-Identifier: MIT
#include <fokker/embedding/cosine_similarity.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

namespace {
long double cosine(const float* a, const float* b, std::size_t size) {
  long double ab = 0, aa = 0, bb = 0;
  for (std::size_t k = 0; k < size; ++k) {
    ab += static_cast<long double>(a[k]) * b[k];
    aa += static_cast<long double>(a[k]) * a[k];
    bb += static_cast<long double>(b[k]) * b[k];
  }
  return ab / std::sqrt(aa * bb);
}
}  // namespace

TEST_CASE("the matrix of cosines is that of a plain loop, by plain products and by BLAS, on views and containers") {
  const std::size_t m = 5, n = 7, size = 33;
  std::vector<float> a(m * size), b(n * size);
  fk::fill_normal(fk::noise::philox{.seed = 1}, a);
  fk::fill_normal(fk::noise::philox{.seed = 2}, b);
  const fk::backend::host_view of_a{a.data(), {m, size}}, of_b{b.data(), {n, size}};
  auto tensor = xt::xtensor<float, 2>::from_shape({n, size});
  std::copy(b.begin(), b.end(), tensor.begin());
  // Two lengths err by size/2 + 1 roundings of themselves, their quotients by one, the sum of products by size.
  const double tolerance = (2 * size + 4) * law::u;
  for (const auto& found : {fk::embedding::cosine_similarity(of_a, of_b),
                            fk::embedding::cosine_similarity(of_a, tensor, fk::backend::xtensor_products{})}) {
    REQUIRE(found.size() == m * n);
    law::failures off;
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const auto exact = static_cast<double>(cosine(&a[i * size], &b[j * size], size));
        if (!(std::abs(found[i * n + j] - exact) <= tolerance)) law::note(off, static_cast<double>(i * n + j));
      }
    CHECK(off == law::failures{});
  }
}

TEST_CASE("of parallel and opposite samples it is 1 and -1 and never beyond, of perpendicular ones 0") {
  std::vector<double> x{1, 1, 1, -3, -3, -3, 1, -1, 0};
  const fk::backend::host_view view{x.data(), {3, 3}};
  const std::vector<double> found = fk::embedding::cosine_similarity(view, view);
  const double near = 10 * law::u;  // as above
  CHECK(std::abs(found[0] - 1) <= near);
  CHECK(std::abs(found[1] + 1) <= near);
  CHECK(std::abs(found[2]) <= near);
  for (const double c : found) CHECK(std::abs(c) <= 1);
}

TEST_CASE("samples of other sizes and samples of zeros are refused") {
  std::vector<float> x{1, 2, 0, 0};
  const std::vector<float> numbers{1, 2};
  const fk::backend::host_view pair{x.data(), {1, 2}}, zero{x.data() + 2, {1, 2}};
  law::refused([&] { (void)fk::embedding::cosine_similarity(pair, numbers); },
               {"the size of a sample of b is 1;", "2, that of a"});
  law::refused([&] { (void)fk::embedding::cosine_similarity(pair, zero); }, {"the length of row 0 of b is 0;"});
}
