// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include <fokker/solver/adams_bashforth.hpp>

namespace fokker::inline v0::solver {

/// PFDiff-k_h with DDIM, Wang et al. 2025 (arXiv:2408.08822): one call for `Skips` + 1 steps. The last epsilon leads
/// DDIM to a level `Ahead` steps on, the network is asked there, and what it says leads from where the first one began
/// over all the steps. It is the method of one stage whose first slope is that of the call before: order 2 where the
/// stage is in the middle, else 1. The first step is DDIM's, as is the one from noise; of fewer steps that are left the
/// stage is at the next level.
template <int Skips = 1, int Ahead = 1>
struct pfdiff {
  static_assert(Skips >= 1 && Skips <= 3, "fokker: pfdiff skips 1 to 3 steps");
  static_assert(Ahead >= 1 && Ahead <= Skips, "fokker: pfdiff looks ahead at one of the levels that it skips");
  static constexpr int order = 2 * Ahead == Skips + 1 ? 2 : 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const std::vector<level> levels = p.levels();
    std::optional<plan::expression> past;
    int at = 0, next = 0;
    for (auto [s, t] : p.steps()) {
      if (at++ < next) continue;
      const int left = static_cast<int>(levels.size()) - at;
      if (!past || left == 1) {
        const auto m = p.call(x, s);
        if (!s.is_noise()) past = p.keep(m.epsilon);
        x = t.alpha * m.data + t.sigma * m.epsilon;
        next = at;
        continue;
      }
      next = at - 1 + (std::min)(Skips + 1, left);
      const int asked = left > Skips ? at - 1 + Ahead : at;
      const level& stage = levels[static_cast<std::size_t>(asked)];
      plan::expression springboard = transfer(x, s, stage, *past);
      past = p.keep(p.call(springboard, stage).epsilon);
      x = p.keep(transfer(x, s, levels[static_cast<std::size_t>(next)], *past));
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
