// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::schedule {

/// Variance exploding with sigma as its own time: x = x0 + t eps, t in [0, sigma_max]. Karras et al. 2022, table 1.
struct edm {
  double sigma_min = 0.002;
  double sigma_max = 80;

  [[nodiscard]] double alpha(double) const { return 1; }
  [[nodiscard]] double sigma(double time) const { return time; }
  [[nodiscard]] double alpha_rate(double) const { return 0; }
  [[nodiscard]] double sigma_rate(double) const { return 1; }
  [[nodiscard]] double noise_time() const { return sigma_max; }
  [[nodiscard]] double last_time() const { return sigma_min; }
  [[nodiscard]] double data_time() const { return 0; }
  [[nodiscard]] double time_of(double ratio) const { return ratio; }
};

}  // namespace fokker::schedule
