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

#include <fokker/concept/noise_source.hpp>

#include "support/catch.hpp"

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

/// The greatest of `apart(normal, real one)`. To a sequence that asks, the first tensor is the start.
template <class E, class Source, class Apart>
double furthest(const drawn<E>& from, Source source, const Apart& apart) {
  std::vector<E> all;
  std::uint32_t steps = 0;
  for (const std::size_t n : from.sizes) {
    std::vector<E> z(n);
    if constexpr (fokker::fills_a_piece<Source>)
      source.fill(std::span<E>(z), all.empty() ? fokker::noise_piece{fokker::noise_piece::start, 0}
                                               : fokker::noise_piece{fokker::noise_piece::steps, steps++});
    else
      source.fill(std::span<E>(z));
    all.insert(all.end(), z.begin(), z.end());
  }
  double most = 0;
  for (const auto& [at, bits] : from.normals) {
    E real;
    std::memcpy(&real, &bits, sizeof real);
    most = std::max(most, static_cast<double>(apart(all[at], real)));
  }
  return most;
}
/// The same in units in the last place.
template <class E, class Source>
double furthest(const drawn<E>& from, Source source) {
  return furthest(from, source, [](E z, E real) {
    return std::abs(z - real) / (std::nextafter(std::abs(real), E{100}) - std::abs(real));
  });
}

/// What two programs may differ by that take sine and cosine of a float angle: one below 2 pi errs by 2^-22 here and by
/// 2^-22 there, and no radius is more than sqrt(66 log 2) = 6.77; the rest is far below.
constexpr double turned = 6.77 * 0x1p-21;
inline double apart(float a, float b) { return std::abs(a - b); }

/// Float normals of a generator are its rounded ones, and a point's second goes on in the next.
template <class Source>
void rounds_to_float(const Source& source) {
  Source wide = source, narrow = source;
  std::vector<double> z(5);
  std::vector<float> first(3), second(2);
  wide.fill(std::span(z));
  narrow.fill(std::span(first));
  narrow.fill(std::span(second));
  for (std::size_t i = 0; i < 5; ++i) CHECK((i < 3 ? first[i] : second[i - 3]) == static_cast<float>(z[i]));
  CHECK(wide == narrow);
}

}  // namespace test
