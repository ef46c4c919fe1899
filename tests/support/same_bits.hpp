// SPDX-License-Identifier: MIT
#pragma once

#include <cstring>
#include <vector>

namespace test {

/// Unlike == this tells zeros by their signs, and a NaN is itself.
template <class T>
[[nodiscard]] bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace test
