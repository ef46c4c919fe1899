// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// A network that is told where x is and where it goes predicts the average velocity on the way, u with
///     x_t = x_s - (s - t) u(x_s, s, t)
/// for times s and t (Geng et al. 2025, MeanFlow). Where it is told one level it predicts `flow`, which u is between
/// levels that are the same. Networks that are told timesteps take `label_scale` = 1000.
struct average_velocity {
  static constexpr const char* name = "average_velocity";
  double label_scale = 1;

  [[nodiscard]] prediction_row row(const level& l) const { return {l.alpha_rate, l.sigma_rate}; }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const {
    const double way = from.time - to.time;
    // On a straight path the rate, which has all its digits.
    const auto slope = [way](double a, double b, double rate) {
      const double rounding = 0x1p-52 * (std::max)(std::abs(a), std::abs(b));
      return std::abs(std::fma(rate, way, b) - a) <= rounding ? rate : (a - b) / way;
    };
    return {slope(from.alpha, to.alpha, from.alpha_rate), slope(from.sigma, to.sigma, from.sigma_rate)};
  }
  [[nodiscard]] double label(const level& l) const { return label_scale * l.time; }
};

}  // namespace fokker::inline v0::parameterization
