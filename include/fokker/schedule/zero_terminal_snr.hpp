// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// A table moved and stretched so that its last alpha is 0 and its first stays: alpha' = (alpha - alpha_T) alpha_1 /
/// (alpha_1 - alpha_T). Lin et al. 2024, algorithm 1; the last alpha is 0 and not a small number. Epsilon does not
/// determine data there: it is for networks that predict the velocity. Throws std::invalid_argument for one entry.
template <discrete_schedule Table>
[[nodiscard]] tabulated zero_terminal_snr(const Table& table) {
  if (table.size() < 2) detail::refuse("the size of the table", table.size(), "2 or more");
  const double first = table.alpha(0), last = table.alpha(table.noise_time());
  std::vector<double> alphas_cumprod;
  for (int t = 0; t < table.size(); ++t) {
    const double alpha = (table.alpha(t) - last) * (first / (first - last));
    alphas_cumprod.push_back(t == 0 ? first * first : alpha * alpha);
  }
  return tabulated::from_alphas_cumprod(alphas_cumprod);
}

}  // namespace fokker::inline v0::schedule
