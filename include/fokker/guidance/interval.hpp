// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fokker/guidance/along.hpp>

namespace fokker::inline v0::guidance {

/// Another rule within an interval of the run, and its first branch alone outside, where no other branch is called.
/// Kynkaanniemi et al. 2024: `low` < sigma/alpha <= `high`, by default what they found for SD-XL. By time likewise; by
/// steps, low <= step < high, both parts of the number of steps and rounded down. What the first branch says must be
/// what a run without guidance asks for, as it is for all rules of this room but `experts`.
template <class Rule>
struct interval {
  static constexpr int branches = Rule::branches;
  Rule rule;
  along by = along::ratio;
  double low = 0.28;
  double high = 5.42;

  [[nodiscard]] std::array<double, static_cast<std::size_t>(branches)> weights(const moment& at) const requires
      has_weights<Rule> {
    if (inside(at, by, low, high)) return rule.weights(at);
    return {1};
  }
  template <class Guide>
  [[nodiscard]] auto operator()(Guide& g) const -> decltype(rule(g)) {
    if (inside(g.now(), by, low, high)) return g(rule);
    decltype(rule(g)) alone{};
    alone.network = g[0].network;
    return alone;
  }
};
template <class Rule>
interval(Rule) -> interval<Rule>;
template <class Rule>
interval(Rule, along, double, double) -> interval<Rule>;

}  // namespace fokker::inline v0::guidance
