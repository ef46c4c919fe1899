// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0 {

/// Systematic resampling, Kitagawa 1996: how often each of N particles goes on, by weights e^(log_weights), with one
/// number u in [0, 1): the n-th of the places (n + u) / N of the sum of the weights. What comes back are the parents
/// for stepper::take, where those that go on keep their places. Weights are summed in order, in double: the same bits
/// everywhere. Throws std::invalid_argument for no weights, for NaN and plus infinity, and where all are 0.
[[nodiscard]] inline std::vector<std::size_t> systematic_resampling(std::span<const double> log_weights, double u) {
  const std::size_t n = log_weights.size();
  if (n == 0) detail::refuse("the number of weights", 0, "1 or more");
  if (!(u >= 0 && u < 1)) detail::refuse("u", u, "0 to 1, 1 excluded");
  double most = log_weights[0];
  for (const double w : log_weights) {
    if (detail::is_nan(w) || w > detail::largest_number) detail::refuse("a weight", w, "a number, or minus infinity");
    most = (std::max)(most, w);
  }
  if (!detail::is_finite(most)) detail::refuse("the weights", most, "not all 0");
  std::vector<double> sums(n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sums[i] = sum += std::exp(log_weights[i] - most);
  std::vector<std::size_t> copies(n, 0), parents(n);
  for (std::size_t k = 0, i = 0; k < n; ++k) {
    const double place = (static_cast<double>(k) + u) / static_cast<double>(n) * sum;
    while (sums[i] <= place && sums[i] < sum) ++i;  // a place that is rounded up to the sum is before it
    ++copies[i];
  }
  // Those that go on stay; the places of the others are filled in order.
  std::size_t free = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (copies[i] == 0) continue;
    parents[i] = i;
    for (std::size_t c = 1; c < copies[i]; ++c) {
      while (copies[free] != 0) ++free;
      parents[free++] = i;
    }
  }
  return parents;
}

}  // namespace fokker::inline v0
