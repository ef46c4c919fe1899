// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/normal_quantile.hpp>

namespace fokker::inline v0::grid {

/// The quantiles of a logit-normal time, which flow networks are often trained at: log(sigma/alpha) is mean +
/// deviation q(1 - i / N), q the quantile of a standard normal. The first level, where this has no limit, is
/// `sigma_max`. By default that of log-SNR -15, and the deviation 1.75, as in Ideogram 4.
struct logit_normal {
  int steps = 20;
  double mean = 0;
  double deviation = 1.75;
  double sigma_max = 1808.0424144560632;  ///< exp(7.5)

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    detail::require_finite("mean", mean);
    detail::require_positive("deviation", deviation);
    std::vector<double> ratios{sigma_max};
    for (int i = 1; i < steps; ++i)
      ratios.push_back(
          std::exp(std::fma(deviation, detail::normal_quantile(static_cast<double>(steps - i) / steps), mean)));
    if (steps > 1 && !(ratios[1] < sigma_max))
      detail::refuse("sigma_max", sigma_max,
                     detail::joined({"above ", detail::text(ratios[1]), ", that of the second level"}));
    ratios.push_back(0);
    return levels_at_ratios(schedule, ratios);
  }
};

}  // namespace fokker::inline v0::grid
