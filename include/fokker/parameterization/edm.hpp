// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// The preconditioned network F of Karras et al. 2022, eq. 7 and table 1: D = c_skip y + c_out F(c_in y, c_noise), y =
/// x/alpha. With r = sqrt(sigma^2 + alpha^2 sd^2) this is F = sigma/(sd r) x0 - alpha sd/r eps, input c_in/alpha = 1/r,
/// label log(sigma/alpha)/4: finite at both ends but for the label.
struct edm {
  static constexpr const char* name = "edm";
  double sigma_data = 0.5;

  [[nodiscard]] prediction_row row(const level& l) const {
    const double r = radius(l);
    return {l.sigma / (sigma_data * r), -l.alpha * sigma_data / r};
  }
  [[nodiscard]] double input_scale(const level& l) const { return 1 / radius(l); }
  [[nodiscard]] double label(const level& l) const { return 0.25 * std::log(l.ratio()); }

 private:
  [[nodiscard]] double radius(const level& l) const {
    detail::require_positive("sigma_data", sigma_data);
    return detail::hypotenuse(l.sigma, l.alpha * sigma_data);
  }
};

}  // namespace fokker::inline v0::parameterization
