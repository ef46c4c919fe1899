// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The sigma/alpha of `schedule::vp_linear` at even times from 1 to `clean_time`, sqrt(expm1((beta_max - beta_min) t^2
/// / 2
/// + beta_min t)), on any schedule: k-diffusion's `get_sigmas_vp`; Song et al. 2021, eq. 33. `to_data` is N positive
/// levels and the data, `to_last_level` N + 1 positive levels.
struct vp {
  int steps = 20;
  double beta_min = 0.1;
  double beta_max = 20;
  double clean_time = 1e-3;  ///< the last
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    if (!(detail::is_finite(clean_time) && clean_time > 0 && clean_time < 1))
      detail::refuse("clean_time", clean_time, "above 0 and below 1");
    detail::require_not_negative("beta_min", beta_min);
    detail::require_positive("beta_max", beta_max);
    const auto ratio = [this](double t) {
      return std::sqrt(std::expm1(t * std::fma((beta_max - beta_min) / 2, t, beta_min)));
    };
    const int gaps = end == ending::to_data ? steps - 1 : steps;
    std::vector<double> ratios{ratio(1)};
    for (int i = 1; i <= gaps; ++i) {
      const double share = static_cast<double>(i) / gaps;
      ratios.push_back(ratio(std::fma(share, clean_time, 1 - share)));
    }
    if (end == ending::to_data) ratios.push_back(0);
    return levels_at_ratios(schedule, ratios);
  }
};

}  // namespace fokker::inline v0::grid
