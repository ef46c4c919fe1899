// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/embedding/cosine_similarity.hpp>
#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// The mean direction of the prompts of each class, of length 1, one sample of `classes` each. The prompts of a class
/// follow each other, and every class has as many (Radford et al. 2021, 3.1.4). Throws std::invalid_argument where the
/// classes do not divide the prompts, sizes differ, or prompts of a class cancel.
template <class P, class C>
void class_embeddings(const P& prompts, C&& classes) {
  if constexpr (check_result<C>()) {
    const rows all = units_of(prompts, "the prompts");
    const std::size_t count = detail::shape_of(classes, "the classes").samples();
    if (count == 0 || all.count % count != 0)
      detail::refuse("the number of classes", count,
                     detail::joined({"one that divides the number of prompts, ", detail::text(all.count)}));
    require_rows(classes, count, all.size, "the classes");
    const std::size_t each = all.count / count;
    rows sums{count, all.size, std::vector<double>(count * all.size)};
    for (std::size_t i = 0; i < all.count; ++i)
      for (std::size_t k = 0; k < all.size; ++k) sums[i / each][k] += all[i][k];
    const std::vector<double> lengths = make_units(sums, "the sum of prompts");
    const double rounding = 0x1p-53 * static_cast<double>(each * (all.size + each + 8));  // of lengths and sums
    for (std::size_t i = 0; i < count; ++i)
      if (lengths[i] <= rounding)
        detail::refuse(detail::joined({"the length of row ", detail::text(i), " of the sum of prompts"}), lengths[i],
                       "above its rounding");
    write(sums, classes);
  }
}

/// The probability of each class for each image, row-major, a line for each image: the softmax of cosine / temperature.
/// Throws std::invalid_argument as cosine_similarity, and for temperatures outside of 1e-30 to 1e30.
template <class I, class C, class Products>
[[nodiscard]] std::vector<double> zero_shot(const I& images, const C& classes, double temperature,
                                            const Products& products) {
  require_temperature(temperature);
  std::vector<double> shares = cosine_similarity(images, classes, products);
  const std::size_t count = backend::tensor<C>::shape(classes).samples();
  for (auto row = shares.begin(); row != shares.end(); row += static_cast<std::ptrdiff_t>(count)) {
    const auto end = row + static_cast<std::ptrdiff_t>(count);
    const double largest = *std::max_element(row, end);
    double sum = 0;
    for (auto p = row; p != end; ++p) sum += * p = std::exp((*p - largest) / temperature);
    for (auto p = row; p != end; ++p) *p /= sum;
  }
  return shares;
}

/// By the products that go with the images, at the temperature to which CLIP was trained.
template <class I, class C>
[[nodiscard]] std::vector<double> zero_shot(const I& images, const C& classes, double temperature = 0.01) {
  if constexpr (check_products<I>())
    return zero_shot(images, classes, temperature, backend::products<I>{});
  else
    return {};
}

}  // namespace fokker::inline v0::embedding
