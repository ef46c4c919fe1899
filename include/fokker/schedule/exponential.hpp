// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// alpha^2 = e^(-12 (t + 1) / T): one constant beta, 1 - e^(-12 / T). Diffusers' Heun scheduler has it as `exp`.
/// Throws std::invalid_argument for a size that no table has.
[[nodiscard]] inline tabulated exponential(int size = 1000) {
  detail::require_size(size);
  return tabulated::from_betas(
      std::vector<double>(static_cast<std::size_t>(size), -std::expm1(-12.0 / detail::opaque(size))));
}

}  // namespace fokker::inline v0::schedule
