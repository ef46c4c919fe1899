// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// classifier_free with a scale for each frame, token, channel or element: other + scale (conditional - other). A run
/// is given the plane "scale", which says along which axes its numbers are. Denoisers in the order {conditional,
/// other}.
struct by_place {
  static constexpr int branches = 2;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    const plan::expression c = g[0].network, u = g[1].network;
    return {.network = u + g.plane("scale") * (c - u)};
  }
};

}  // namespace fokker::inline v0::guidance
