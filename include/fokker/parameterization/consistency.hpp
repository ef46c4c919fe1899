// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// The network F of a consistency model, Song et al. 2023, eq. 5 and appendix C: x0 = c_skip y + c_out F(y / sqrt(s^2 +
/// sd^2), label), y = x/alpha, s = sigma/alpha, c_skip = sd^2 / ((s - s_min)^2 + sd^2), c_out = sd (s - s_min) /
/// sqrt(s^2
/// + sd^2). So F = (1 - c_skip)/c_out x0 - s c_skip/c_out eps. The label is 250 log(s). Throws std::invalid_argument
/// at s_min and below, where x0 is y whatever F says, and at alpha = 0.
struct consistency {
  static constexpr const char* name = "consistency";
  double sigma_data = 0.5;
  double sigma_min = 0.002;  ///< of sigma/alpha
  double label_scale = 250;

  [[nodiscard]] prediction_row row(const level& l) const {
    const double s = ratio(l), off = s - sigma_min;
    if (!(detail::is_finite(off) && off > 0))
      detail::refuse("sigma/alpha", s, "above sigma_min, where a consistency function is x itself");
    // (1 - c_skip) / c_out and c_skip / c_out, of which (s - s_min) is taken out
    const double root = detail::hypotenuse(s, sigma_data), square = std::fma(off, off, sigma_data * sigma_data);
    return {off * root / (sigma_data * square), -s * sigma_data * root / (off * square)};
  }
  [[nodiscard]] double input_scale(const level& l) const {
    return 1 / detail::hypotenuse(l.sigma, l.alpha * sigma_data);
  }
  [[nodiscard]] double label(const level& l) const { return label_scale * std::log(l.ratio()); }

 private:
  [[nodiscard]] double ratio(const level& l) const {
    detail::require_positive("sigma_data", sigma_data);
    detail::require_not_negative("sigma_min", sigma_min);
    if (l.is_noise()) detail::refuse("alpha", 0, "above 0: a consistency function has no limit at noise alone");
    return l.ratio();
  }
};

}  // namespace fokker::inline v0::parameterization
