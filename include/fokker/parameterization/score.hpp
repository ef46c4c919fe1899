// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// The network predicts the score, grad log p(x) = -eps / sigma (Song et al. 2021).
struct score {
  static constexpr const char* name = "score";
  [[nodiscard]] prediction_row row(const level& l) const { return {0, -1 / l.sigma}; }
};

}  // namespace fokker::inline v0::parameterization
