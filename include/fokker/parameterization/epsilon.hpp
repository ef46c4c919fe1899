// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// The network predicts the noise eps (Ho et al. 2020). At alpha = 0 this tells nothing of the data.
struct epsilon {
  static constexpr const char* name = "epsilon";
  [[nodiscard]] prediction_row row(const level&) const { return {0, 1}; }
};

}  // namespace fokker::inline v0::parameterization
