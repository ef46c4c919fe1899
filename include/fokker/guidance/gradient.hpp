// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Classifier guidance and all that pulls x by a gradient: score + scale grad log p(y | x), Dhariwal & Nichol 2021, eq.
/// 9 to 14; with a loss for -log p, universal guidance and guidance by CLIP. Networks in the order {network,
/// gradient}: the second one writes the gradient with respect to what it reads, no prediction. Scale 0 does not call
/// it. The score is not determined at sigma = 0, where no network is called.
struct gradient {
  static constexpr int branches = 2;
  double scale = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    if (scale == 0) return {.network = g[0].network};
    return {.score = g[0].score + scale * g.gradient(1)};
  }
};

}  // namespace fokker::inline v0::guidance
