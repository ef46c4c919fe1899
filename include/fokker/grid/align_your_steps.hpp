// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Which network the levels were optimised for.
enum class aligned_for { stable_diffusion_1, stable_diffusion_xl, stable_video_diffusion };

/// The eleven values of sigma/alpha that Sabour et al. 2024 (Align Your Steps) optimised for ten steps, interpolated
/// log-linearly for other numbers. `to_data` ends on the data in the place of the last value, as published.
struct align_your_steps {
  int steps = 10;
  aligned_for network = aligned_for::stable_diffusion_1;
  ending end = ending::to_data;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    std::vector<double> ratios = log_linear(values(), steps);
    if (end == ending::to_data) ratios.back() = 0;
    return levels_at_ratios(schedule, ratios);
  }

 private:
  [[nodiscard]] std::vector<double> values() const {
    if (network == aligned_for::stable_diffusion_1)
      return {14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
              0.9642583904,  0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582};
    if (network == aligned_for::stable_diffusion_xl)
      return {14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
              0.5550693289,  0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582};
    return {700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002};
  }
};

}  // namespace fokker::inline v0::grid
