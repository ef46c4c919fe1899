// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// The network predicts v = alpha eps - sigma x0 (Salimans & Ho 2022), which determines data and noise at every level.
struct velocity {
  static constexpr const char* name = "velocity";
  [[nodiscard]] prediction_row row(const level& l) const { return {-l.sigma, l.alpha}; }
};

}  // namespace fokker::inline v0::parameterization
