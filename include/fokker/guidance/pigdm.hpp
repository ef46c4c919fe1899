// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Pseudoinverse-guided diffusion, Song et al. 2023: data given x are taken to be normal about D, of variance r^2, so
/// that score + scale J^T A^T (y - A D) / (r^2 + noise^2) is that of the posterior, for y = A x0 + noise n and an A of
/// orthonormal rows, such as a mask. r^2 is that of data of `deviation` about their mean, for which it is exact.
/// Networks in the order {network, gradient}: the second one writes J^T A^T (y - A D) with respect to what it reads, J
/// the slope of D. For another A it writes J^T A^T (variance(level) A A^T + noise^2 I)^-1 (y - A D) for `gradient`.
struct pigdm {
  static constexpr int branches = 2;
  double scale = 1;
  double noise = 0;
  double deviation = 1;

  /// r^2: deviation^2 sigma^2 / (alpha^2 deviation^2 + sigma^2).
  [[nodiscard]] double variance(const level& at) const {
    if (!(deviation > 0 && detail::fits_float(deviation))) detail::refuse("deviation", deviation, "a number > 0");
    const double signal = at.alpha * deviation, r = at.sigma / detail::hypotenuse(signal, at.sigma) * deviation;
    return detail::rounded_product(r, r);
  }
  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    detail::require_scale("scale", scale);
    if (!(noise >= 0 && detail::fits_float(noise))) detail::refuse("noise", noise, "a number >= 0");
    if (scale == 0) return {.network = g[0].network};
    return {.score = g[0].score + scale / std::fma(noise, noise, variance(g.at())) * g.gradient(1)};
  }
};

}  // namespace fokker::inline v0::guidance
