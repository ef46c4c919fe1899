// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <random>

namespace test {

/// Seeded, and with the same draws from every standard library.
class dice {
 public:
  explicit dice(unsigned seed) : random_(seed) {}
  int below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  double between(double low, double high) { return std::lerp(low, high, static_cast<double>(random_()) / 0x1p32); }
  double between_decades(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }
  bool often() { return below(4) > 0; }

 private:
  std::mt19937 random_;
};

}  // namespace test
