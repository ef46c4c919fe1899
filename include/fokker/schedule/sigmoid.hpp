// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// The table of GeoDiff (Xu et al. 2022) and its defaults: beta_t = beta_first + (beta_last - beta_first) / (1 + e^-u),
/// u evenly spaced from -6 to 6. The first and the last beta lie 1/404 of the range inside of it. Throws
/// std::invalid_argument for a size that no table has, and for a beta that is not in (0, 1].
[[nodiscard]] inline tabulated sigmoid(double beta_first = 1e-7, double beta_last = 0.002, int size = 5000) {
  auto betas = evenly_spaced(-6, 6, size);
  for (double& beta : betas) beta = std::fma(beta_last - beta_first, 1 / (1 + std::exp(-beta)), beta_first);
  return tabulated::from_betas(betas);
}

}  // namespace fokker::inline v0::schedule
