// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fokker/concept/tensor_backend.hpp>

namespace fokker::metric {

/// The mean Euclidean distance of the samples of x from those of y, over all pairs; memory of the host. Throws
/// std::invalid_argument for a tensor without samples, and for samples of different sizes.
template <class X, class Y>
[[nodiscard]] double mean_distance(const X& x, const Y& y) {
  const backend::extents of_x = backend::tensor<X>::shape(x), of_y = backend::tensor<Y>::shape(y);
  detail::require_samples(of_x, "x");
  detail::require_samples(of_y, "y");
  const std::size_t size = of_x.sample_size();
  if (size != of_y.sample_size())
    detail::refuse("the size of a sample of y", of_y.sample_size(),
                   detail::joined({detail::text(size), ", that of x"}));
  const auto* p = backend::tensor<X>::data(x);
  double sum = 0;
  for (std::size_t i = 0; i < of_x.samples(); ++i, p += size) {
    const auto* q = backend::tensor<Y>::data(y);
    for (std::size_t j = 0; j < of_y.samples(); ++j, q += size) {
      double square = 0;
      for (std::size_t k = 0; k < size; ++k) {
        const double difference = static_cast<double>(p[k]) - static_cast<double>(q[k]);
        square += difference * difference;
      }
      sum += std::sqrt(square);
    }
  }
  return sum / static_cast<double>(of_x.samples()) / static_cast<double>(of_y.samples());
}

/// 2 E|X - Y| - E|X - X'| - E|Y - Y'| over all pairs: 0 where the distributions are the same, and only there
/// (Szekely & Rizzo 2013). Quadratic in the number of samples; throws as `mean_distance`.
template <class X, class Y>
[[nodiscard]] double energy_distance(const X& x, const Y& y) {
  return 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y);
}

}  // namespace fokker::metric
