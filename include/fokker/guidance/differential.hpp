// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/guidance/along.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// A rule under which every element of an image changes by a strength of its own, Levin & Fried 2023: an element of
/// strength s keeps alpha known + sigma z until a part 1 - s of the steps is done, and is free from there; of strength
/// 0 it is what is known, also in the result. A run is given the tensors "known" and "strength", both shaped as x; the
/// strengths of a group, of the axes `over` within the sample, count by their mean: {1, 2} of (C, H, W) are positions.
/// It goes around all others.
template <class Rule = none>
struct differential {
  static constexpr int branches = Rule::branches;
  Rule rule = {};
  plan::axes over = {};

  [[nodiscard]] plan::guided operator()(plan::guide& g) const { return g(rule); }
  [[nodiscard]] plan::expression arriving(plan::arrival& a, const plan::expression& x) const {
    const double left = 1 - part_done(a.now());
    plan::expression there = a.at().alpha * a.given("known");
    if (!a.at().is_data()) there = there + a.at().sigma * a.normal();
    plan::guide* const g = a.before();
    if (g == nullptr) return there;
    const auto s = quotient(g->sum(g->given("strength"), over), g->count(over), 0);
    return x + (left > 0 ? choose(s, left, 1, 0) : choose(0, s, 0, 1)) * (there - x);
  }
};
template <class Rule>
differential(Rule) -> differential<Rule>;
template <class Rule>
differential(Rule, plan::axes) -> differential<Rule>;
differential()->differential<none>;

}  // namespace fokker::inline v0::guidance
