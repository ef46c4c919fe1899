// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Levels evenly spaced in log-SNR, Lu et al. 2022 (DPM-Solver), section 3.4. `to_data` is N positive levels and the
/// data, `to_last_level` N + 1 positive levels. The range is the schedule's where it is not given.
struct log_snr {
  int steps = 20;
  double sigma_min = schedules_own;  ///< of sigma/alpha
  double sigma_max = schedules_own;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    return spread(schedule, steps, sigma_min, sigma_max, end, [](double first, double last, double share) {
      return first * std::exp(share * std::log(last / first));
    });
  }
};

}  // namespace fokker::inline v0::grid
