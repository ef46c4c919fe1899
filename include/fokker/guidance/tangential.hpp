// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Tangential damping, TCFG, Kwon et al. 2025: of the other prediction u only u', the part along the first right
/// singular vector of the two, counts: u' + scale (c - u'), of what the network predicts, over each sample. With uu,
/// cu, cc their products and l the larger eigenvalue of [[uu, cu], [cu, cc]] it is ((l - cc) u + cu c) / (2 l - uu -
/// cc). Denoisers in the order {conditional, other}; branches that agree are what they say.
struct tangential {
  static constexpr int branches = 2;
  double scale = 7.5;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    const plan::expression c = g[0].network, u = g[1].network;
    const auto uu = g.dot(u, u), cu = g.dot(c, u), cc = g.dot(c, c);
    const auto half = 0.5 * (uu - cc), r = root(half * half + cu * cu);  // half the difference of the eigenvalues
    const auto of_u = quotient(half + r, 2 * r, 1), of_c = quotient(cu, 2 * r, 0);
    return {.network = scale * c + (1 - scale) * (of_u * u + of_c * c)};
  }
};

}  // namespace fokker::inline v0::guidance
