// SPDX-License-Identifier: MIT
#pragma once

#include <numbers>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Angle domain guidance, Jin et al. 2025 (arXiv:2506.11039), for large scales: it turns the conditional data D away
/// from the other ones, O, instead of making them longer. t is the angle between D and O, for each sample:
///     cos(t') D + sin(t') / sin(t) (D - <D, O> / <O, O> O),   t' = min((scale - 1) t, `largest`).
/// This is at most sqrt(2) times as long as D. Denoisers in the order {conditional, other}. Scales up to 1, or branches
/// that agree, are the conditional network. `over` are the axes whose indices have angles of their own, as frames have
/// in ACE-Step. Throws std::invalid_argument for a scale that no float holds, and for a `largest` outside 0 to pi.
struct adg {
  static constexpr int branches = 2;
  double scale = 6;
  double largest = std::numbers::pi / 3;
  plan::axes over = {};

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    if (!(detail::is_finite(largest) && largest >= 0 && largest <= std::numbers::pi))
      detail::refuse("largest", largest, "0 to pi");
    if (!(scale > 1)) return {.network = g[0].network};
    const plan::expression c = g[0].data, u = g[1].data;
    const auto cc = g.dot(c, c, over), cu = g.dot(c, u, over), uu = g.dot(u, u, over);
    const auto angle = acos_pi(quotient(cu, root(cc) * root(uu), 1));
    const auto turn = least(largest / std::numbers::pi, (scale - 1) * angle);
    const auto across = quotient(sin_pi(turn), sin_pi(angle), scale - 1);
    return {.data = cos_pi(turn) * c + across * (c - quotient(cu, uu, 0) * u)};
  }
};

}  // namespace fokker::inline v0::guidance
