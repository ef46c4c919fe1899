// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// `flow` of authors whose time goes from noise at 0 to data at 1, as in Lipman et al. 2023: the network predicts
/// dx/ds = -(alpha' x0 + sigma' eps) of s = 1 - t, x0 - eps on the straight path, and is told s. The levels stay those
/// of the schedule, with data at t = 0.
struct flow_to_data {
  static constexpr const char* name = "flow_to_data";
  double label_scale = 1;
  bool at_data = true;

  [[nodiscard]] prediction_row row(const level& l) const { return {-l.alpha_rate, -l.sigma_rate}; }
  [[nodiscard]] double label(const level& l) const { return label_scale * (1 - l.time); }
};

}  // namespace fokker::inline v0::parameterization
