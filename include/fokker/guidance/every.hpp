// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Another rule at every k-th step alone: between, the other branches are not called, and what the rule adds to the
/// data of the first one is extrapolated over time from the last two steps that it was asked at. Without `extrapolate`
/// the last one is held, as is common, which is wrong by as much as it changes.
template <class Rule>
struct every {
  static constexpr int branches = Rule::branches;
  Rule rule;
  int k = 2;
  bool extrapolate = true;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (k < 1) detail::refuse("k", k, "1 or more");
    const plan::expression c = g[0].data, last = g.remembered(), before = g.remembered({}, 1);
    const auto at = g.remembered_at(), at_before = g.remembered_at(1);
    if (g.step() % k == 0 || !at) {
      const plan::expression G = g(rule).data;
      if (at && at->time != g.at().time) static_cast<void>(g.remember(last, 1, *at));
      static_cast<void>(g.remember(G - c));
      return {.data = G};
    }
    if (!extrapolate || !at_before) return {.data = c + last};
    const double ahead = (g.at().time - at->time) / (at->time - at_before->time);
    return {.data = c + (1 + ahead) * last - ahead * before};
  }
};
template <class Rule>
every(Rule) -> every<Rule>;
template <class Rule>
every(Rule, int) -> every<Rule>;
template <class Rule>
every(Rule, int, bool) -> every<Rule>;

}  // namespace fokker::inline v0::guidance
