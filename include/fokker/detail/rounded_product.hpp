// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace fokker::inline v0::detail {

/// a b rounded to double, for a product that a sum meets later: no compiler makes one operation of the two, so that the
/// bits are the same on processors with fused multiply-add and without. Adding -0 keeps the sign of zero.
[[nodiscard]] inline double rounded_product(double a, double b) { return std::fma(a, b, -0.0); }

}  // namespace fokker::inline v0::detail
