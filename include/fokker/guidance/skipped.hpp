// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Another rule at every k-th step, and no call of any network between: what it said last, in the network's own
/// prediction, is held there, or with `extrapolate` goes on in a line over time from the last two. Planned skips, known
/// as caches of the whole output. All of it is linear and known in advance: with a method of one step it is the longer
/// step of that method, or a multistep one, over the steps that are not skipped.
template <class Rule>
struct skipped {
  static constexpr int branches = Rule::branches;
  Rule rule;
  int k = 2;
  bool extrapolate = false;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (k < 1) detail::refuse("k", k, "1 or more");
    const plan::expression last = g.remembered(), before = g.remembered({}, 1);
    const auto at = g.remembered_at(), at_before = g.remembered_at(1);
    if (g.step() % k == 0 || !at) {
      if (at && at->time != g.at().time) static_cast<void>(g.remember(last, 1, *at));
      return {.network = g.remember(g(rule).network)};
    }
    if (!extrapolate || !at_before) return {.network = last};
    const double ahead = (g.at().time - at->time) / (at->time - at_before->time);
    return {.network = (1 + ahead) * last - ahead * before};
  }
};
template <class Rule>
skipped(Rule) -> skipped<Rule>;
template <class Rule>
skipped(Rule, int) -> skipped<Rule>;
template <class Rule>
skipped(Rule, int, bool) -> skipped<Rule>;

}  // namespace fokker::inline v0::guidance
