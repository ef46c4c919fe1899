// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include <fokker/detail/rounded_product.hpp>
#include <fokker/noise/mt19937.hpp>

namespace fokker::inline v0::noise {

/// numpy.random.RandomState(seed).randn, which is numpy.random.randn after numpy.random.seed(seed), of every numpy:
/// its stream is frozen. In float they are those normals, rounded.
class numpy_legacy {
 public:
  explicit numpy_legacy(std::uint32_t seed) : words_(seed) {}

  void fill(std::span<float> z) {
    for (float& e : z) e = static_cast<float>(one());
  }
  void fill(std::span<double> z) {
    for (double& e : z) e = one();
  }

  friend bool operator==(const numpy_legacy&, const numpy_legacy&) = default;

 private:
  /// A uniform of 53 bits in (-1, 1), the first word of which has 27.
  double coordinate() {
    const double high = words_() >> 5;
    return std::fma(std::fma(high, 0x1p26, words_() >> 6), 0x1p-52, -1.0);
  }

  /// The polar method: a point of the unit disc gives two normals, of which the second comes first.
  double one() {
    if (first_) {
      const double z = *first_;
      first_.reset();
      return z;
    }
    double x = 0, y = 0, square = 0;
    do {
      x = coordinate();
      y = coordinate();
      square = detail::rounded_product(x, x) + detail::rounded_product(y, y);
    } while (square >= 1 || square == 0);
    const double scale = std::sqrt(-2 * std::log(square) / square);
    first_ = scale * x;
    return scale * y;
  }

  mt19937 words_;
  std::optional<double> first_;  // of the last point
};

}  // namespace fokker::inline v0::noise
