// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

namespace fokker::inline v0::kernel {

/// Products of row-major matrices in memory of the host, by plain loops: a is m x k, c is m x n and overlaps neither.
/// A sum of k terms errs by at most k eps sum |a||b|; float is summed in float.
struct product {
  /// c = a b^T with b n x k: every row of a times every row of b.
  template <class E>
  static void times_transposed(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    for (std::size_t j = 0; j < n; j += block) {  // these rows of b stay in the second cache for all rows of a
      const std::size_t end = (std::min)(n, j + block);
      std::size_t i = 0;
      for (; i + 2 <= m; i += 2) inner_rows<2>(j, end, n, k, a + i * k, b, c + i * n);
      if (i < m) inner_rows<1>(j, end, n, k, a + i * k, b, c + i * n);
    }
  }

  /// c = a b with b k x n.
  template <class E>
  static void times(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    std::fill_n(c, m * n, E{0});
    for (std::size_t l = 0; l < k; l += depth) {
      const std::size_t count = (std::min)(depth, k - l);
      for (std::size_t j = 0; j < n; j += width) {  // this panel of b stays in the first cache for all rows of a
        const std::size_t columns = (std::min)(width, n - j);
        std::size_t i = 0;
        for (; i + 2 <= m; i += 2) add_panel<2>(columns, n, count, k, a + i * k + l, b + l * n + j, c + i * n + j);
        if (i < m) add_panel<1>(columns, n, count, k, a + i * k + l, b + l * n + j, c + i * n + j);
      }
    }
  }

 private:
  static constexpr std::size_t block = 64, depth = 256, width = 16;
  static constexpr std::size_t lanes = 8;  // partial sums that a compiler may keep in one or two registers

  template <std::size_t Rows, class E>
  static void inner_rows(std::size_t j, std::size_t end, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    for (; j + 2 <= end; j += 2) inner<Rows, 2>(n, k, a, b + j * k, c + j);
    if (j < end) inner<Rows, 1>(n, k, a, b + j * k, c + j);
  }

  template <std::size_t Rows, std::size_t Columns, class E>
  static void inner(std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    E sum[Rows][Columns][lanes] = {};
    std::size_t l = 0;
    for (; l + lanes <= k; l += lanes)
      for (std::size_t i = 0; i < Rows; ++i)
        for (std::size_t j = 0; j < Columns; ++j)
          for (std::size_t lane = 0; lane < lanes; ++lane) sum[i][j][lane] += a[i * k + l + lane] * b[j * k + l + lane];
    for (std::size_t i = 0; i < Rows; ++i)
      for (std::size_t j = 0; j < Columns; ++j) {
        E total = 0;
        if (l > 0)  // else, for points of few dimensions, this would be most of the work
          for (std::size_t lane = 0; lane < lanes; ++lane) total += sum[i][j][lane];
        for (std::size_t rest = l; rest < k; ++rest) total += a[i * k + rest] * b[j * k + rest];
        c[i * n + j] = total;
      }
  }

  template <std::size_t Rows, class E>
  static void add_panel(std::size_t columns, std::size_t n, std::size_t count, std::size_t k, const E* a, const E* b,
                        E* c) {
    E sum[Rows][width] = {};
    if (columns == width) {
      for (std::size_t l = 0; l < count; ++l)
        for (std::size_t i = 0; i < Rows; ++i)
          for (std::size_t j = 0; j < width; ++j) sum[i][j] += a[i * k + l] * b[l * n + j];
    } else {
      for (std::size_t l = 0; l < count; ++l)
        for (std::size_t i = 0; i < Rows; ++i)
          for (std::size_t j = 0; j < columns; ++j) sum[i][j] += a[i * k + l] * b[l * n + j];
    }
    for (std::size_t i = 0; i < Rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) c[i * n + j] += sum[i][j];
  }
};

}  // namespace fokker::inline v0::kernel
