// SPDX-License-Identifier: MIT
#pragma once

// Normals that other programs drew, as drawn.py wrote them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace test {

template <class E>
using bits_of = std::conditional_t<sizeof(E) == 4, std::uint32_t, std::uint64_t>;

/// Some of the normals, by their place in all that were drawn after each other.
template <class E>
struct drawn {
  struct normal {
    std::size_t at;
    bits_of<E> bits;
  };
  std::uint64_t seed;
  std::vector<std::size_t> sizes;
  std::vector<normal> normals;
};

/// How far a source's normals are from those, at most, in units in the last place.
template <class E, class Source>
double furthest(const drawn<E>& from, Source source) {
  std::vector<E> all;
  for (const std::size_t n : from.sizes) {
    std::vector<E> z(n);
    source.fill(std::span<E>(z));
    all.insert(all.end(), z.begin(), z.end());
  }
  double most = 0;
  for (const auto& [at, bits] : from.normals) {
    E real;
    std::memcpy(&real, &bits, sizeof real);
    const double unit = static_cast<double>(std::nextafter(std::abs(real), E{100}) - std::abs(real));
    most = std::max(most, std::abs(static_cast<double>(all[at]) - static_cast<double>(real)) / unit);
  }
  return most;
}

}  // namespace test
