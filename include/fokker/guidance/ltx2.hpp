// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// conditional + (scale - 1) (conditional - other) + perturbed_scale (conditional - perturbed)
/// + (modality_scale - 1) (conditional - apart); denoisers in the order {conditional, other, perturbed, apart}.
/// HaCohen et al. 2026 (LTX-2): sound and pictures by one network, which is `apart` where neither attends to the other,
/// and `perturbed` where it skips layers. Off at 1, 0 and 1: what is off is not called. Each modality is a run's own
/// tensor, with scales of its own; the defaults are those of the pictures, and of the sound `scale` is 7.
struct ltx2 {
  static constexpr int branches = 4;
  double scale = 3;
  double perturbed_scale = 1;
  double modality_scale = 3;

  [[nodiscard]] std::array<double, 4> weights(const level&) const {
    detail::require_scale("scale", scale);
    detail::require_scale("perturbed_scale", perturbed_scale);
    detail::require_scale("modality_scale", modality_scale);
    return {scale + perturbed_scale + (modality_scale - 1), 1 - scale, -perturbed_scale, 1 - modality_scale};
  }
};

}  // namespace fokker::inline v0::guidance
