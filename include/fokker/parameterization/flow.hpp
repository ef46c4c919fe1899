// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// The network predicts dx/dt = alpha' x0 + sigma' eps, the velocity of the probability flow; eps - x0 on the straight
/// path. Lipman et al. 2023; Liu et al. 2023. The schedule must tell its rates. Networks that are told a timestep
/// take `label_scale` = 1000. A network that was not trained at the data's end, or whose data are sharper than the last
/// step, as images are, has `at_data` = false: Runge-Kutta methods then step onto data by Euler's, which leaves no
/// noise.
struct flow {
  static constexpr const char* name = "flow";
  double label_scale = 1;
  bool at_data = true;

  [[nodiscard]] prediction_row row(const level& l) const { return {l.alpha_rate, l.sigma_rate}; }
  [[nodiscard]] double label(const level& l) const { return label_scale * l.time; }
};

}  // namespace fokker::inline v0::parameterization
