// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// log(sigma/alpha) at even quantiles of a Laplace distribution, cut off at the ends of the range: Hang et al. 2024
/// (Improved Noise Schedule for Diffusion Training), table 1, where it is of log-SNR. `to_data` is N positive levels
/// and the data, `to_last_level` N + 1 positive levels. The range is the schedule's where it is not given.
struct laplace {
  int steps = 20;
  double location = 0;               ///< mu, the log(sigma/alpha) where levels are densest
  double scale = 0.5;                ///< b
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_finite("location", location);
    detail::require_positive("scale", scale);
    return spread(schedule, steps, sigma_min, sigma_max, end, [this](double first, double last, double share) {
      // Twice the probability on either side: the smaller one has all its digits.
      const auto above = [&](double side) {
        return std::fma(share, twice_beyond(last, side), (1 - share) * twice_beyond(first, side));
      };
      const double noisier = above(1), cleaner = above(-1);
      return std::exp(std::fma(scale, noisier < cleaner ? -std::log(noisier) : std::log(cleaner), location));
    });
  }

 private:
  /// Twice the probability of what is noisier than `ratio` (side 1) or cleaner (side -1).
  [[nodiscard]] double twice_beyond(double ratio, double side) const {
    const double distance = side * (std::log(ratio) - location) / scale;
    return distance > 0 ? std::exp(-distance) : 2 - std::exp(distance);
  }
};

}  // namespace fokker::inline v0::grid
