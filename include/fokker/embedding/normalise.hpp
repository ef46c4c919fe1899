// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/embedding/rows.hpp>

namespace fokker::inline v0::embedding {

/// Divides each sample of x by its Euclidean length. Throws std::invalid_argument for one of zeros and for numbers that
/// are not finite.
template <class X>
void normalise(X&& x) {
  if constexpr (check_result<X>()) write(units_of(x, "x"), x);
}

}  // namespace fokker::inline v0::embedding
