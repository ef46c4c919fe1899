// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// One denoiser, and what it says is taken as it is.
struct none {
  static constexpr int branches = 1;
  [[nodiscard]] std::array<double, 1> weights(const level&) const { return {1}; }
};

}  // namespace fokker::inline v0::guidance
