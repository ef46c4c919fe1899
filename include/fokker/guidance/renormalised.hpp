// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Another rule whose result G is as long as the first branch c is, |c| / |G| G, lengths of the network's prediction
/// over each sample, or over each group along `over`: {1, 2} of (C, H, W) for each position, as Qwen-Image has it, {0,
/// 1} of packed (tokens, channels). The factor is taken to [least, most]; 0 to 1 only shortens, as Lumina and Z-Image
/// have it. Branches that agree are what they say.
template <class Rule>
struct renormalised {
  static constexpr int branches = Rule::branches;
  Rule rule;
  plan::axes over = {};
  double least = 0;
  double most = 1;  ///< up to the largest number of a float, where any length is reached

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    detail::require_within("least", least, 0, 1);
    if (!(most >= 1 && detail::fits_float(most)))
      detail::refuse("most", most, detail::joined({"1 to ", detail::text(detail::largest_number)}));
    const plan::expression G = g(rule).network;
    const auto usual = g.norm(g[0].network, over), guided = g.norm(G, over);
    const auto ratio = quotient(usual, guided, 1);
    return {.network = plan::largest(least, plan::least(most, ratio)) * G};
  }
};
template <class Rule>
renormalised(Rule) -> renormalised<Rule>;
template <class Rule>
renormalised(Rule, plan::axes) -> renormalised<Rule>;
template <class Rule>
renormalised(Rule, plan::axes, double) -> renormalised<Rule>;
template <class Rule>
renormalised(Rule, plan::axes, double, double) -> renormalised<Rule>;

}  // namespace fokker::inline v0::guidance
