// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/embedding/pairs.hpp>
#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// How badly the samples of a and b find their partners, sample i of a being that of sample i of b: the mean cross
/// entropy of the softmax of cosine / temperature, over rows and over columns (Radford et al. 2021). Throws
/// std::invalid_argument for numbers of samples or sizes that differ, samples of zeros, and temperatures outside of
/// 1e-30 to 1e30.
template <class A, class B, class Products>
[[nodiscard]] double contrastive_loss(const A& a, const B& b, double temperature, const Products& products) {
  return cross_entropies(paired(a, b, temperature, products), nullptr);
}

template <class A, class B>
[[nodiscard]] double contrastive_loss(const A& a, const B& b, double temperature) {
  if constexpr (check_products<A>())
    return contrastive_loss(a, b, temperature, backend::products<A>{});
  else
    return 0;
}

/// The loss, and its derivative by the temperature.
struct contrastive {
  double loss = 0, of_temperature = 0;
};

/// The same with the derivatives by the embeddings, before they were divided by their lengths, written to `of_a` and
/// `of_b`, which have the shapes of a and b and may lie on them.
template <class A, class B, class OfA, class OfB, class Products>
contrastive contrastive_gradient(const A& a, const B& b, double temperature, OfA&& of_a, OfB&& of_b,
                                 const Products& products) {
  contrastive found;
  if constexpr (check_result<OfA>() && check_result<OfB>()) {
    const pairing p = paired(a, b, temperature, products);
    const std::size_t n = p.a.count, size = p.a.size;
    require_rows(of_a, n, size, "the gradient of a");
    require_rows(of_b, n, size, "the gradient of b");
    std::vector<double> slopes(n * n), turned(n * n);
    found.loss = cross_entropies(p, slopes.data());
    double sum = 0;
    for (std::size_t k = 0; k < n * n; ++k) sum = std::fma(slopes[k], p.logits[k], sum);
    found.of_temperature = -sum / static_cast<double>(2 * n) / temperature;
    for (double& s : slopes) s = s / static_cast<double>(2 * n) / temperature;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) turned[j * n + i] = slopes[i * n + j];
    rows sums_of_a{n, size, std::vector<double>(n * size)}, sums_of_b = sums_of_a;
    products.times(n, size, n, slopes.data(), p.b.values.data(), sums_of_a.values.data());
    products.times(n, size, n, turned.data(), p.a.values.data(), sums_of_b.values.data());
    through_units(sums_of_a, p.a, p.lengths_of_a);
    through_units(sums_of_b, p.b, p.lengths_of_b);
    write(sums_of_a, of_a);
    write(sums_of_b, of_b);
  }
  return found;
}

template <class A, class B, class OfA, class OfB>
contrastive contrastive_gradient(const A& a, const B& b, double temperature, OfA&& of_a, OfB&& of_b) {
  if constexpr (check_products<A>())
    return contrastive_gradient(a, b, temperature, std::forward<OfA>(of_a), std::forward<OfB>(of_b),
                                backend::products<A>{});
  else
    return {};
}

}  // namespace fokker::inline v0::embedding
