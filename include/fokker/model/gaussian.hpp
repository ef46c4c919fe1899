// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fokker/level.hpp>
#include <fokker/model/operands.hpp>

namespace fokker::inline v0::model {

/// The exact denoiser of data N(mu, c^2 I), mu one number for all elements, x of any shape:
///     D = (c^2 alpha x + sigma^2 mu) / (alpha^2 c^2 + sigma^2),  mu at alpha = 0, x/alpha on the data.
/// In double, rounded once. Throws std::invalid_argument for a deviation that is negative or not finite.
struct gaussian {
  double mean = 0;
  double deviation = 1;

  template <class T>
  void operator()(T& out, const T& x, const level& at) const {
    if constexpr (check_tensor_backend<T>()) {
      const operands on(out, x);
      const weights w = at_level(at);
      for (std::size_t i = 0; i < on.samples * on.size; ++i)
        on.out[i] =
            static_cast<typename operands<T>::element>(w.of_x * static_cast<double>(on.x[i]) + w.of_mean * mean);
    }
  }

  /// D of one element.
  [[nodiscard]] double data(double x, const level& at) const {
    const weights w = at_level(at);
    return w.of_x * x + w.of_mean * mean;
  }

  /// The deviation of x at a level.
  [[nodiscard]] double spread(const level& at) const { return std::hypot(at.alpha * deviation, at.sigma); }

  /// Where the probability flow takes one element from one level to another: its standard score stays what it is.
  [[nodiscard]] double flow(double x, const level& from, const level& to) const {
    return to.alpha * mean + spread(to) / spread(from) * (x - from.alpha * mean);
  }

 private:
  struct weights {
    double of_x, of_mean;
  };
  [[nodiscard]] weights at_level(const level& at) const {
    detail::require_not_negative("deviation", deviation);
    const double r = spread(at);
    if (r == 0) return {0, 1};  // a single point, on the data: the limit is the point
    const double signal = at.alpha * deviation / r, noise = at.sigma / r;
    return {signal * (deviation / r), noise * noise};
  }
};

}  // namespace fokker::inline v0::model
