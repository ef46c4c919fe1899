// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// CFG-Zero*, Fan et al. 2025: the other velocity is first made as good as a factor can make it, a = <c, u> / <u, u>
/// over each sample, a u + scale (c - a u), in the flow. In the first `zero_steps` steps the flow is 0 and no network
/// is called. Denoisers in the order {conditional, other}.
struct cfg_zero_star {
  static constexpr int branches = 2;
  double scale = 7.5;
  int zero_steps = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    if (zero_steps < 0) detail::refuse("zero_steps", zero_steps, "0 or more");
    if (zero_steps > 0 && g.step() < zero_steps) return {.flow = plan::expression()};
    if (scale == 1) return {.network = g[0].network};
    const plan::expression c = g[0].flow, u = g[1].flow;
    const auto a = quotient(g.dot(c, u), g.dot(u, u), 1);
    return {.flow = scale * c + (1 - scale) * (a * u)};
  }
};

}  // namespace fokker::inline v0::guidance
