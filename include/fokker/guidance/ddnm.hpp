// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/detail/message.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/guidance/pigdm.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// A rule whose data agree with what was measured: D + mask (known - D), the A^+ y + (I - A^+ A) D of Wang et al. 2022
/// for an A that takes elements of x. A run is given the tensor "known", shaped as x, and the plane "mask", 1 where it
/// is known and 0 where it is not. Where the last step ends in D, what is known is in the result exactly. Where it has
/// `noise` of that deviation, the mask counts r^2 / (r^2 + noise^2), r^2 the variance of data given x, see `pigdm`:
/// so D is the mean of data given x and the measurement, for independent normal data of `deviation`. It goes around all
/// others; for other operators `corrected` changes what the network says.
template <class Rule = none>
struct ddnm {
  static constexpr int branches = Rule::branches;
  Rule rule = {};
  double noise = 0;
  double deviation = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    const double variance = pigdm{.noise = noise, .deviation = deviation}.variance(g.at());
    if (!(noise >= 0 && detail::fits_float(noise))) detail::refuse("noise", noise, "a number >= 0");
    const double trusted = noise == 0 ? 1 : variance / std::fma(noise, noise, variance);
    const plan::expression D = g.whole(g(rule).data);
    return {.data = D + trusted * (g.plane("mask") * (g.given("known") - D))};
  }
};
template <class Rule>
ddnm(Rule) -> ddnm<Rule>;
template <class Rule>
ddnm(Rule, double) -> ddnm<Rule>;
template <class Rule>
ddnm(Rule, double, double) -> ddnm<Rule>;
ddnm()->ddnm<none>;

}  // namespace fokker::inline v0::guidance
