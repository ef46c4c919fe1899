// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Another rule, or one network alone, whose data are moved on, away from what they were before: G + amount (G - m), m
/// the running mean of G with m' = keep m + (1 - keep) G, of the data. Momentum guidance, 2026. Linear, and so without
/// a pass of its own.
template <class Rule>
struct momentum {
  static constexpr int branches = Rule::branches;
  Rule rule;
  double amount = 0.5;
  double keep = 0.6;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(amount)) detail::refuse("amount", amount, "a number that a float holds");
    detail::require_within("keep", keep, 0, 1);
    const plan::said said = g(rule);
    if (amount == 0) return said;  // and nothing is remembered that nobody reads
    const plan::expression G = said.data, m = g.remembered(G);
    static_cast<void>(g.remember(keep * m + (1 - keep) * G));
    return {.data = G + amount * (G - m)};
  }
};
template <class Rule>
momentum(Rule) -> momentum<Rule>;
template <class Rule>
momentum(Rule, double) -> momentum<Rule>;
template <class Rule>
momentum(Rule, double, double) -> momentum<Rule>;

}  // namespace fokker::inline v0::guidance
