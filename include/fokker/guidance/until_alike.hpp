// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Adaptive guidance, Castillo et al. 2023: classifier_free until the two branches are alike, and the conditional one
/// alone at all calls after one at which the cosine of the angle between them exceeds `threshold`, of what the network
/// predicts, for each sample by itself. Once all samples are alike the other network needs no call. A plan cannot know
/// that: a program with a loop of its own asks `over(run.remembered())`. Denoisers in the order {conditional, other}.
struct until_alike {
  static constexpr int branches = 2;
  double scale = 7.5;
  double threshold = 0.991;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    detail::require_within("threshold", threshold, -1, 1);
    const plan::expression c = g[0].network, u = g[1].network;
    const auto most = g.remembered(-2);  // cosine of the calls before
    const auto cosine = quotient(g.dot(c, u), root(g.dot(c, c)) * root(g.dot(u, u)), 1);
    g.remember(largest(most, cosine));
    return {.network = c + choose(threshold, most, 0, scale - 1) * (c - u)};
  }

  /// Whether all samples of a run are alike, by the numbers that it remembers. From then on what the other network says
  /// does not count, as long as it is finite; it may be what it said last.
  [[nodiscard]] bool over(const std::vector<double>& most) const {
    return !most.empty() && std::all_of(most.begin(), most.end(), [this](double cosine) { return cosine > threshold; });
  }
};

}  // namespace fokker::inline v0::guidance
