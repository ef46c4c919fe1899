// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// The table that peers in PyTorch form from betas in float32: each 1 - beta and each product are rounded to float32,
/// the running product is not. For published numbers that need it: 1 - alpha^2 at the first timesteps has three or four
/// digits only. Throws std::invalid_argument for betas of no table, and where the rounded products do not fall.
[[nodiscard]] inline tabulated float32(std::span<const float> betas) {
  (void)tabulated::from_betas(std::vector<double>(betas.begin(), betas.end()));  // refuses betas by their name
  double product = 1;
  std::vector<double> alphas_cumprod;
  for (const float beta : betas) {
    product *= static_cast<double>(static_cast<float>(1 - static_cast<double>(beta)));
    alphas_cumprod.push_back(static_cast<double>(static_cast<float>(product)));
  }
  return tabulated::from_alphas_cumprod(alphas_cumprod);
}

/// The same of a table whose betas peers form in double and then round, as those of `squared_cosine`.
[[nodiscard]] inline tabulated float32(const tabulated& table) {
  std::vector<float> betas;
  for (int t = 0; t < table.size(); ++t)
    betas.push_back(static_cast<float>(0 - std::expm1(2 * (table.log_alpha(t) - table.log_alpha(t - 1)))));
  return float32(betas);
}

/// torch.linspace in float32, counted from both ends to the middle, each number rounded once, as on processors with
/// FMA: the betas of `linear`, and the roots of those of `scaled_linear`, as peers have them.
[[nodiscard]] inline std::vector<float> evenly_spaced_float32(double first, double last, int size) {
  detail::require_size(size);
  const float begin = static_cast<float>(first), end = static_cast<float>(last);
  const float step = size == 1 ? 0 : (end - begin) / static_cast<float>(size - 1);
  std::vector<float> values;
  for (int i = 0; i < size; ++i) {
    const bool from_begin = i < size / 2 || size == 1;
    const double from = static_cast<double>(from_begin ? begin : end), steps = from_begin ? i : i - (size - 1);
    // In double the product is exact. So is the sum, unless the ends differ by a factor of 2^29, or by less than
    // size 2^-29 of themselves. std::fma would be two operations in float for clang's -ffast-math.
    values.push_back(static_cast<float>(from + steps * static_cast<double>(step)));
  }
  return values;
}

}  // namespace fokker::inline v0::schedule
