// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// The straight path x = (1 - t) x0 + t eps, data at t = 0, noise at t = 1.
/// Rectified flow (Liu et al. 2023); flow matching (Lipman et al. 2023) with its time turned round.
/// Throws std::invalid_argument for other times.
struct flow_linear {
  [[nodiscard]] double alpha(double time) const { return 1 - own(time); }
  [[nodiscard]] double sigma(double time) const { return own(time); }
  [[nodiscard]] double alpha_rate(double) const { return -1; }
  [[nodiscard]] double sigma_rate(double) const { return 1; }
  [[nodiscard]] double noise_time() const { return 1; }
  [[nodiscard]] double data_time() const { return 0; }
  [[nodiscard]] double time_of(double ratio) const { return ratio < 1 ? ratio / (1 + ratio) : 1 / (1 + 1 / ratio); }

 private:
  [[nodiscard]] double own(double time) const { return detail::own_time(time, data_time(), noise_time()); }
};

}  // namespace fokker::inline v0::schedule
