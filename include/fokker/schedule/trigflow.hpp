// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::schedule {

/// alpha = cos t, sigma = sin t: the path on a quarter of the circle, t in [0, pi/2]. Variance preserving where the
/// data have variance 1; Lu & Song 2025 (sCM), section 3. Both ends are exact. Throws std::invalid_argument for other
/// times.
struct trigflow {
  [[nodiscard]] double alpha(double time) const { return std::sin(noise_time() - own(time)); }
  [[nodiscard]] double sigma(double time) const { return std::sin(own(time)); }
  [[nodiscard]] double alpha_rate(double time) const { return -sigma(time); }
  [[nodiscard]] double sigma_rate(double time) const { return alpha(time); }
  [[nodiscard]] double noise_time() const { return std::numbers::pi / 2; }
  [[nodiscard]] double data_time() const { return 0; }
  [[nodiscard]] double time_of(double ratio) const { return std::atan(ratio); }

 private:
  [[nodiscard]] double own(double time) const { return detail::own_time(time, data_time(), noise_time()); }
};

}  // namespace fokker::inline v0::schedule
