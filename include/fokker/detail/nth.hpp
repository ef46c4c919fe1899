// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace fokker::inline v0::detail {

/// list[i] for the ints that plans count in.
template <class List, class Integer>
[[nodiscard]] constexpr auto& nth(List& list, Integer i) {
  return list[static_cast<std::size_t>(i)];
}

}  // namespace fokker::inline v0::detail
