// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// Subtracts from each sample of x the mean of all, which it returns: what all have in common says nothing of one.
template <class X>
std::vector<double> centre(X&& x) {
  if constexpr (check_result<X>()) {
    rows r = rows_of(x, "x");
    rows m = mean(r);
    for (std::size_t i = 0; i < r.count; ++i)
      for (std::size_t k = 0; k < r.size; ++k) r[i][k] -= m.values[k];
    write(r, x);
    return m.values;
  } else {
    return {};
  }
}

/// A sample of a tensor, and how often it is taken; -1 subtracts it.
struct term {
  double weight = 1;
  std::size_t row = 0;
};

/// y = the sum of terms of x, y being one sample, such as {{1, puppy}, {-1, dog}, {1, cat}}. Throws
/// std::invalid_argument for a row that x does not have, a weight that is not finite, and a y of another size.
template <class X, class Y>
void combine(const X& x, const std::vector<term>& terms, Y&& y) {
  if constexpr (check_result<Y>()) {
    const rows r = rows_of(x, "x");
    require_rows(y, 1, r.size, "y");
    rows sum{1, r.size, std::vector<double>(r.size)};
    for (const term& t : terms) {
      if (t.row >= r.count)
        detail::refuse("the row of a term", t.row, detail::joined({"below ", detail::text(r.count)}));
      detail::require_finite("the weight of a term", t.weight);
      for (std::size_t k = 0; k < r.size; ++k) sum.values[k] = std::fma(t.weight, r[t.row][k], sum.values[k]);
    }
    write(sum, y);
  }
}

/// y = the mean of the samples `with` something less that of the samples `without` it, y being one sample. Throws
/// std::invalid_argument for samples of different sizes.
template <class W, class O, class Y>
void difference(const W& with, const O& without, Y&& y) {
  if constexpr (check_result<Y>()) {
    const rows present = rows_of(with, "with"), absent = rows_of(without, "without");
    require_size(absent, present, "without", "with");
    require_rows(y, 1, present.size, "y");
    rows d = mean(present);
    const rows other = mean(absent);
    for (std::size_t k = 0; k < d.size; ++k) d.values[k] -= other.values[k];
    write(d, y);
  }
}

}  // namespace fokker::inline v0::embedding
