// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// MAMBO-G, 2025: the scale falls where the branches are far from each other, as they are at the beginning:
/// u + w (c - u) with w = 1 + (scale - 1) e^(-damping |c - u| / |u|), over each sample. Denoisers in the order
/// {conditional, other}; damping 0 is classifier_free.
struct mambo_g {
  static constexpr int branches = 2;
  double scale = 10;
  double damping = 8;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    if (!(damping >= 0 && detail::fits_float(damping))) detail::refuse("damping", damping, "a number >= 0");
    const plan::expression c = g[0].network, u = g[1].network;
    const auto w = exp(-damping * quotient(g.norm(c - u), g.norm(u), detail::largest_number));
    return {.network = c + (scale - 1) * (w * (c - u))};
  }
};

}  // namespace fokker::inline v0::guidance
