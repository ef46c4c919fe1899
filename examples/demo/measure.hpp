// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <fokker/backend/xtensor.hpp>

namespace demo {

using points = xt::xtensor<float, 2>;  ///< a row a point

struct data_set {
  points x;
  std::vector<int> label;
};

inline double distance(const points& a, std::size_t i, const points& b, std::size_t j) {
  const std::size_t size = a.shape(1);
  const float *p = a.data() + i * size, *q = b.data() + j * size;
  float sum = 0;
  for (std::size_t k = 0; k < size; ++k) sum += (p[k] - q[k]) * (p[k] - q[k]);
  return std::sqrt(static_cast<double>(sum));
}

/// Of each point of x the nearest one of the data.
struct nearest {
  std::vector<std::size_t> index;
  std::vector<double> distance;

  nearest(const points& x, const points& data) {
    for (std::size_t i = 0; i < x.shape(0); ++i) {
      std::size_t best = 0;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t j = 0; j < data.shape(0); ++j)
        if (const double d = demo::distance(x, i, data, j); d < least) least = d, best = j;
      index.push_back(best);
      distance.push_back(least);
    }
  }

  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double d : distance) sum += d;
    return sum / static_cast<double>(distance.size());
  }
};

/// The root mean square distance from the mean.
inline double spread(const points& x) {
  double sum = 0;
  for (std::size_t k = 0; k < x.shape(1); ++k) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < x.shape(0); ++i) mean += x(i, k), square += static_cast<double>(x(i, k)) * x(i, k);
    mean /= static_cast<double>(x.shape(0));
    sum += square / static_cast<double>(x.shape(0)) - mean * mean;
  }
  return std::sqrt(std::max(sum, 0.0));  // of one point roundings may lead below 0
}

inline bool all_finite(const points& x) {
  return std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace demo
