// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/guidance/none.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// A rule whose data agree with what was measured: D + mask (known - D), the A^+ y + (I - A^+ A) D of Wang et al. 2022
/// for an A that takes elements of x. A run is given the tensor "known", shaped as x, and the plane "mask", 1 where it
/// is known and 0 where it is not. Where the last step ends in D, what is known is in the result exactly. It goes
/// around all others; for other operators `corrected` changes what the network says.
template <class Rule = none>
struct ddnm {
  static constexpr int branches = Rule::branches;
  Rule rule = {};

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    const plan::expression D = g.whole(g(rule).data);
    return {.data = D + g.plane("mask") * (g.given("known") - D)};
  }
};
template <class Rule>
ddnm(Rule) -> ddnm<Rule>;
ddnm()->ddnm<none>;

}  // namespace fokker::inline v0::guidance
