// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/concept/tensor_backend.hpp>

namespace fokker::inline v0::metric {

/// The mean and the covariance (over n - 1) of samples of `size` numbers each, row-major.
struct gaussian_fit {
  std::size_t size = 0;
  std::vector<double> mean, covariance;
};

/// The fit of samples in the memory of x, where `products` multiplies, such as backend::cublas_products of the same
/// stream. It takes memory for a copy in double. Throws std::invalid_argument for fewer than two samples, and for
/// products of another stream.
template <class X, class Products>
[[nodiscard]] gaussian_fit fit(const X& x, const Products& products) {
  const backend::extents shape = detail::shape_of(x, "x");
  detail::require_samples(shape, "x");
  if (shape.samples() < 2) detail::refuse("the number of samples of x", shape.samples(), "2 or more");
  const std::size_t n = shape.samples(), size = shape.sample_size();
  const auto* const data = detail::data_of(x, "x");
  const auto space = backend::tensor<X>::space(x);
  if constexpr (requires { products.stream().handle != space.stream.handle; })
    if (products.stream().handle != space.stream.handle)
      detail::refuse("the stream of the products", "another one", "that of x");
  auto rows = space.template make<double>(n * size), products_of_rows = space.template make<double>(size * size);
  gaussian_fit f{size, std::vector<double>(size), std::vector<double>(size * size)};
  if constexpr (requires(double* to) { space.centre(data, n, size, to, to); }) {
    auto means = space.template make<double>(size);
    space.centre(data, n, size, means.data(), rows.data());
    const auto mean = space.on_host(means.data(), size);
    for (std::size_t k = 0; k < size; ++k) f.mean[k] = mean[k];
  } else {
    const auto* const from = space.on_host(data, n * size);  // such memory is the host's own
    for (std::size_t i = 0; i < n * size; ++i) f.mean[i % size] += static_cast<double>(from[i]);
    for (double& m : f.mean) m /= static_cast<double>(n);
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t k = 0; k < size; ++k)
        rows.data()[k * n + s] = static_cast<double>(from[s * size + k]) - f.mean[k];
  }
  products.times_transposed(size, size, n, rows.data(), rows.data(), products_of_rows.data());
  const auto sums = space.on_host(products_of_rows.data(), size * size);
  for (std::size_t k = 0; k < size * size; ++k) f.covariance[k] = sums[k] / static_cast<double>(n - 1);
  return f;
}

/// By the products that go with tensors of the host.
template <class X>
[[nodiscard]] gaussian_fit fit(const X& x) {
  if constexpr (check_products<X>())
    return fit(x, backend::products<X>{});
  else
    return {};
}

/// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2): the squared Wasserstein distance of two Gaussians (Dowson &
/// Landau 1982); of features of images it is known as FID (Heusel et al. 2017). `Algebra` has `times` and
/// `eigen(n, matrix, values)` for symmetric matrices: backend::xtensor_products. Throws std::invalid_argument for fits
/// of different sizes, or whose lists are not of their size.
template <class Algebra>
[[nodiscard]] double frechet_distance(const gaussian_fit& a, const gaussian_fit& b) {
  const std::size_t n = a.size;
  for (const gaussian_fit* f : {&a, &b})
    if (f->mean.size() != f->size || f->covariance.size() != f->size * f->size)
      detail::refuse("the size of a fit", f->size, "that of its mean, and the side of its covariance");
  if (n != b.size) detail::refuse("the size of b", b.size, detail::joined({detail::text(n), ", that of a"}));
  double distance = 0;
  for (std::size_t k = 0; k < n; ++k) {
    distance += (a.mean[k] - b.mean[k]) * (a.mean[k] - b.mean[k]);
    distance += a.covariance[k * n + k] + b.covariance[k * n + k];
  }
  // V with covariance V^T D V; then the root's trace is that of (D^1/2 V S2 V^T D^1/2)^1/2. Values below 0 are
  // rounding.
  std::vector<double> rows = a.covariance, values(n), product(n * n), middle(n * n);
  Algebra::eigen(n, rows.data(), values.data());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) rows[i * n + k] *= std::sqrt((std::max)(values[i], 0.0));
  Algebra::times(n, n, n, rows.data(), b.covariance.data(), product.data());
  Algebra::times_transposed(n, n, n, product.data(), rows.data(), middle.data());
  Algebra::eigen(n, middle.data(), values.data());
  for (const double v : values) distance -= 2 * std::sqrt((std::max)(v, 0.0));
  return distance;
}

}  // namespace fokker::inline v0::metric
