// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// The cosines of pairs of rows, and what their loss is made of.
struct pairing {
  rows a, b;
  std::vector<double> lengths_of_a, lengths_of_b, logits;
};

template <class A, class B, class Products>
[[nodiscard]] pairing paired(const A& a, const B& b, double temperature, const Products& products) {
  require_temperature(temperature);
  pairing p{rows_of(a, "a"), rows_of(b, "b"), {}, {}, {}};
  require_size(p.b, p.a, "b", "a");
  if (p.b.count != p.a.count)
    detail::refuse("the number of samples of b", p.b.count,
                   detail::joined({detail::text(p.a.count), ", that of a: they are pairs"}));
  p.lengths_of_a = make_units(p.a, "a");
  p.lengths_of_b = make_units(p.b, "b");
  p.logits = cosines(p.a, p.b, products);
  for (double& l : p.logits) l /= temperature;
  return p;
}

/// Minus the logarithm of the softmax of `count` logits, `stride` apart, at `wanted`. Its derivatives are added to
/// `slopes`, unless that is null.
inline double cross_entropy(const double* logits, std::size_t count, std::size_t stride, std::size_t wanted,
                            double* slopes) {
  std::size_t largest = 0;
  for (std::size_t j = 1; j < count; ++j)
    if (logits[j * stride] > logits[largest * stride]) largest = j;
  const auto part = [&](std::size_t j) { return std::exp(logits[j * stride] - logits[largest * stride]); };
  double others = 0;  // beside the largest, whose part is 1
  for (std::size_t j = 0; j < count; ++j)
    if (j != largest) others += part(j);
  if (slopes != nullptr) {
    double missing = 0;  // 1 less the share of the wanted one, without its cancellation
    for (std::size_t j = 0; j < count; ++j)
      if (j != wanted) {
        const double share = part(j) / (1 + others);
        slopes[j * stride] += share;
        missing += share;
      }
    slopes[wanted * stride] -= missing;
  }
  return std::log1p(others) + (logits[largest * stride] - logits[wanted * stride]);
}

/// The mean over all rows and columns; the slopes are those of the sum.
[[nodiscard]] inline double cross_entropies(const pairing& p, double* slopes) {
  const std::size_t n = p.a.count;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += cross_entropy(p.logits.data() + i * n, n, 1, i, slopes == nullptr ? nullptr : slopes + i * n);
    sum += cross_entropy(p.logits.data() + i, n, n, i, slopes == nullptr ? nullptr : slopes + i);
  }
  return sum / static_cast<double>(2 * n);
}

/// The derivatives through `sum` of cosines times rows of length 1, whose lengths were others.
inline void through_units(rows& sums, const rows& units, const std::vector<double>& lengths) {
  for (std::size_t i = 0; i < sums.count; ++i) {
    double along = 0;
    for (std::size_t k = 0; k < sums.size; ++k) along = std::fma(sums[i][k], units[i][k], along);
    for (std::size_t k = 0; k < sums.size; ++k) sums[i][k] = std::fma(-along, units[i][k], sums[i][k]) / lengths[i];
  }
}

}  // namespace fokker::inline v0::embedding
