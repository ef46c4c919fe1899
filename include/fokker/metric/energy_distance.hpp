// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>

namespace fokker::inline v0::metric {

/// The mean Euclidean distance of the samples of x from those of y, over all pairs, each in double: by the `distances`
/// of the memory of both, in the order of x's stream, or on the host, if it has none. Throws std::invalid_argument for
/// a tensor without samples or memory, and for samples of different sizes.
template <class X, class Y>
[[nodiscard]] double mean_distance(const X& x, const Y& y) {
  auto space = backend::tensor<X>::space(x);
  constexpr bool same = std::is_same_v<decltype(space), decltype(backend::tensor<Y>::space(y))>;
  static_assert(same, "fokker: a distance is that of samples in one memory space: copy the others there");
  double sum = 0;
  if constexpr (same) {
    const backend::extents of_x = detail::shape_of(x, "x"), of_y = detail::shape_of(y, "y");
    detail::require_samples(of_x, "x");
    detail::require_samples(of_y, "y");
    const std::size_t size = of_x.sample_size();
    if (size != of_y.sample_size())
      detail::refuse("the size of a sample of y", of_y.sample_size(),
                     detail::joined({detail::text(size), ", that of x"}));
    const auto* const a = detail::data_of(x, "x");
    const auto* const b = detail::data_of(y, "y");
    const auto add = [&](const auto& sums) {
      for (std::size_t i = 0; i < of_x.samples(); ++i) sum += sums[i];
    };
    if constexpr (requires(double* sums) { space.distances(a, b, size, size, size, sums); }) {
      auto sums = space.template make<double>(of_x.samples());
      space.distances(a, b, of_x.samples(), of_y.samples(), size, sums.data());
      add(space.on_host(sums.data(), sums.size()));
    } else {
      const auto from = space.on_host(a, of_x.size());
      const auto to = space.on_host(b, of_y.size());
      std::vector<double> sums(of_x.samples());
      const auto work = [&](std::size_t s) {
        double distances = 0;
        for (std::size_t j = 0; j < of_y.size(); j += size) {
          double square = 0;
          for (std::size_t k = 0; k < size; ++k) {
            const double difference = static_cast<double>(from[s * size + k]) - static_cast<double>(to[j + k]);
            square += difference * difference;
          }
          distances += std::sqrt(square);
        }
        sums[s] = distances;
      };
      if constexpr (requires { space.in_pieces(size, work); })
        space.in_pieces(sums.size(), work);
      else
        for (std::size_t s = 0; s < sums.size(); ++s) work(s);
      add(sums);
    }
    sum = sum / static_cast<double>(of_x.samples()) / static_cast<double>(of_y.samples());
  }
  return sum;
}

/// 2 E|X - Y| - E|X - X'| - E|Y - Y'| over all pairs: 0 where the distributions are the same, and only there
/// (Szekely & Rizzo 2013). Quadratic in the number of samples; throws as `mean_distance`.
template <class X, class Y>
[[nodiscard]] double energy_distance(const X& x, const Y& y) {
  return 2 * mean_distance(x, y) - mean_distance(x, x) - mean_distance(y, y);
}

}  // namespace fokker::inline v0::metric
