// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// The network F of Lu & Song 2025 (sCM), section 3: x0 = cos(t) x - sin(t) sd F(x / sd, t) for x = cos(t) x0 + sin(t)
/// sd eps. On any path t = atan(sigma / (alpha sd)) and, with r = sqrt(sigma^2 + alpha^2 sd^2), F = -sigma/(sd r) x0 +
/// alpha sd/r eps, input 1/r, label t: finite at both ends. It is minus the F of `edm`, and with sd = 1 on a variance
/// preserving path the velocity. k-diffusion's wrapper of velocity networks is this row, too.
struct trigflow {
  static constexpr const char* name = "trigflow";
  double sigma_data = 0.5;

  [[nodiscard]] prediction_row row(const level& l) const {
    const double r = radius(l);
    return {-l.sigma / (sigma_data * r), l.alpha * sigma_data / r};
  }
  [[nodiscard]] double input_scale(const level& l) const { return 1 / radius(l); }
  [[nodiscard]] double label(const level& l) const { return std::atan2(l.sigma, l.alpha * sigma_data); }

 private:
  [[nodiscard]] double radius(const level& l) const {
    detail::require_positive("sigma_data", sigma_data);
    return detail::hypotenuse(l.sigma, l.alpha * sigma_data);
  }
};

}  // namespace fokker::inline v0::parameterization
