// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/detail/is_finite.hpp>

namespace fokker::inline v0::detail {

/// sqrt(a^2 + b^2) to 1.25 ulp, without overflow, from operations that are rounded alike everywhere: std::hypot has
/// other last digits on other processors.
[[nodiscard]] inline double hypotenuse(double a, double b) {
  const double larger = (std::max)(std::abs(a), std::abs(b)), smaller = (std::min)(std::abs(a), std::abs(b));
  if (larger == 0 || !is_finite(larger)) return larger + smaller;
  const int scale = std::ilogb(larger);
  const double along = std::scalbn(larger, -scale), across = std::scalbn(smaller, -scale);
  return std::scalbn(std::sqrt(std::fma(along, along, across * across)), scale);
}

}  // namespace fokker::inline v0::detail
