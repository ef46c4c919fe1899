// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// A sample of a tensor, by its number, and how alike it is.
struct ranked {
  std::size_t row = 0;
  double similarity = 0;
  friend bool operator==(const ranked&, const ranked&) = default;
};

/// The `count` largest, or as many as there are, the largest first; of equal ones that which comes first. Rows in
/// `except` are left out. Throws std::invalid_argument for a similarity that is not a number.
[[nodiscard]] inline std::vector<ranked> top(std::span<const double> similarities, std::size_t count,
                                             const std::vector<std::size_t>& except = {}) {
  std::vector<ranked> all;
  for (std::size_t i = 0; i < similarities.size(); ++i) {
    if (detail::is_nan(similarities[i])) detail::refuse("a similarity", similarities[i], "numbers");
    if (std::find(except.begin(), except.end(), i) == except.end()) all.push_back({i, similarities[i]});
  }
  const auto last = all.begin() + static_cast<std::ptrdiff_t>((std::min)(count, all.size()));
  std::partial_sort(all.begin(), last, all.end(), [](const ranked& a, const ranked& b) {
    return a.similarity > b.similarity || (a.similarity == b.similarity && a.row < b.row);
  });
  all.erase(last, all.end());
  return all;
}

/// The `count` samples of x whose directions are nearest to that of `query`, which is one sample, the nearest first,
/// but for those in `except`. Throws std::invalid_argument as cosine_similarity.
template <class Q, class X, class Products>
[[nodiscard]] std::vector<ranked> ranking(const Q& query, const X& x, std::size_t count,
                                          const std::vector<std::size_t>& except, const Products& products) {
  const rows of_query = units_of(query, "the query"), of_x = units_of(x, "x");
  if (of_query.count != 1) detail::refuse("the number of samples of the query", of_query.count, "1");
  require_size(of_query, of_x, "the query", "x");
  return top(cosines(of_query, of_x, products), count, except);
}

/// By the products that go with x.
template <class Q, class X>
[[nodiscard]] std::vector<ranked> ranking(const Q& query, const X& x, std::size_t count,
                                          const std::vector<std::size_t>& except = {}) {
  if constexpr (check_products<X>())
    return ranking(query, x, count, except, backend::products<X>{});
  else
    return {};
}

}  // namespace fokker::inline v0::embedding
