// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// The cosine of the angle between each sample of a and each of b, row-major, a line for each of a, where `products`
/// multiplies. Throws std::invalid_argument for samples of different sizes, of zeros, or that are not finite.
template <class A, class B, class Products>
[[nodiscard]] std::vector<double> cosine_similarity(const A& a, const B& b, const Products& products) {
  const rows of_a = units_of(a, "a"), of_b = units_of(b, "b");
  require_size(of_b, of_a, "b", "a");
  return cosines(of_a, of_b, products);
}

/// By the products that go with the tensor a.
template <class A, class B>
[[nodiscard]] std::vector<double> cosine_similarity(const A& a, const B& b) {
  if constexpr (check_products<A>())
    return cosine_similarity(a, b, backend::products<A>{});
  else
    return {};
}

}  // namespace fokker::inline v0::embedding
