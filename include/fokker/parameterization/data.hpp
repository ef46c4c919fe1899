// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// The network predicts the data x0 itself.
struct data {
  static constexpr const char* name = "data";
  [[nodiscard]] prediction_row row(const level&) const { return {1, 0}; }
};

}  // namespace fokker::inline v0::parameterization
