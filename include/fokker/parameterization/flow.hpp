// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::parameterization {

/// The network predicts dx/dt = alpha' x0 + sigma' eps, the velocity of the probability flow; eps - x0 on the straight
/// path. Lipman et al. 2023; Liu et al. 2023. The schedule must tell its rates. Networks that are told a timestep
/// take `label_scale` = 1000.
struct flow {
  static constexpr const char* name = "flow";
  double label_scale = 1;

  [[nodiscard]] prediction_row row(const level& l) const { return {l.alpha_rate, l.sigma_rate}; }
  [[nodiscard]] double label(const level& l) const { return label_scale * l.time; }
};

}  // namespace fokker::parameterization
