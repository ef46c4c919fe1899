// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Another rule whose result G has part of its excess of deviation taken back, against overexposed images:
/// (phi dev(c) / dev(G) + 1 - phi) G, c the first branch, deviations of the network's prediction over each sample.
/// Lin et al. 2024, section 3.4. With `by_excess` phi is multiplied by 1 - (dev(c) / dev(G))^2, so that what hardly
/// differs is left alone, as reForge has it. phi 0, or branches that agree, are the rule itself.
template <class Rule>
struct rescaled {
  static constexpr int branches = Rule::branches;
  Rule rule;
  double phi = 0.7;
  bool by_excess = false;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    detail::require_within("phi", phi, 0, 1);
    const auto inner = g(rule);
    if (phi == 0) return inner;
    const plan::expression G = inner.network;
    const auto usual = g.deviation(g[0].network), guided = g.deviation(G);
    const auto ratio = quotient(usual, guided, 1);
    if (!by_excess) return {.network = (phi * ratio + (1 - phi)) * G};
    const auto part = phi * (1 - ratio * ratio);
    return {.network = (part * (ratio - 1) + 1) * G};
  }
};
template <class Rule>
rescaled(Rule) -> rescaled<Rule>;
template <class Rule>
rescaled(Rule, double) -> rescaled<Rule>;
template <class Rule>
rescaled(Rule, double, bool) -> rescaled<Rule>;

}  // namespace fokker::inline v0::guidance
