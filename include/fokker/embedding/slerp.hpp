// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fokker/detail/rounded_product.hpp>
#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// y = (sin((1 - share) angle) a + sin(share angle) b) / sin(angle), sample by sample, on the arc from a to b
/// (Shoemake 1985); of parallel samples its limit, the line. y may be a or b. Throws std::invalid_argument for shapes
/// that differ, samples of zeros, opposite samples, between which no arc is shorter than all others, and shares outside
/// of 0 to 1.
template <class A, class B, class Y>
void slerp(const A& a, const B& b, double share, Y&& y) {
  if constexpr (check_result<Y>()) {
    detail::require_within("share", share, 0, 1);
    const rows of_a = rows_of(a, "a"), of_b = rows_of(b, "b");
    require_rows(b, of_a.count, of_a.size, "b");
    require_rows(y, of_a.count, of_a.size, "y");
    rows from = of_a, to = of_b, result = of_a;
    (void)make_units(from, "a");
    (void)make_units(to, "b");
    for (std::size_t i = 0; i < result.count; ++i) {
      double apart = 0, together = 0;  // squares of twice the sine and the cosine of half the angle
      for (std::size_t k = 0; k < result.size; ++k) {
        const double less = from[i][k] - to[i][k], more = from[i][k] + to[i][k];
        apart = std::fma(less, less, apart);
        together = std::fma(more, more, together);
      }
      const double rounding = 0x1p-53 * (static_cast<double>(result.size) + 8);  // of two lengths
      if (std::sqrt(together) <= rounding)
        detail::refuse(detail::joined({"the angle between a and b, sample ", detail::text(i)}), "pi", "below it");
      const double angle = 2 * std::atan2(std::sqrt(apart), std::sqrt(together)), sine = std::sin(angle);
      const double of_first = sine == 0 ? 1 - share : std::sin((1 - share) * angle) / sine;
      const double of_second = sine == 0 ? share : std::sin(share * angle) / sine;
      for (std::size_t k = 0; k < result.size; ++k)
        result[i][k] = std::fma(of_first, of_a[i][k], detail::rounded_product(of_second, of_b[i][k]));
    }
    write(result, y);
  }
}

}  // namespace fokker::inline v0::embedding
