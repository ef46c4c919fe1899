// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/guidance/none.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// A rule beside which a part of the data is known: before each call, and at the end, x + mask (there - x), where
/// `there` is alpha known + sigma z, at the end `known` itself. A run is given the tensor "known", shaped as x, and the
/// plane "mask", 1 where it is known and 0 where it is not. Song et al. 2021, appendix I.2; with solver::repaint
/// Lugmayr et al. 2022. Without noise `there` is alpha known: a prefix that the network expects clean. It goes around
/// all others.
template <class Rule = none>
struct inpainted {
  static constexpr int branches = Rule::branches;
  Rule rule = {};
  bool noisy = true;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const { return g(rule); }
  [[nodiscard]] plan::expression arriving(plan::arrival& a, const plan::expression& x) const {
    plan::expression there = a.at().alpha * a.given("known");
    if (noisy && !a.at().is_data()) there = there + a.at().sigma * a.normal();
    return x + a.plane("mask") * (there - x);
  }
};
template <class Rule>
inpainted(Rule) -> inpainted<Rule>;
template <class Rule>
inpainted(Rule, bool) -> inpainted<Rule>;
inpainted()->inpainted<none>;

}  // namespace fokker::inline v0::guidance
