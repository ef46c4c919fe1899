// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/guidance/along.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Diffusion posterior sampling, Chung et al. 2023, algorithm 1: after each step x + scale gradient / |y - A D|, the
/// gradient that of -|y - A D|^2 at the last call and the norm that of each sample by itself. Networks in the order
/// {network, gradient, residual}: the second one writes the gradient with respect to what it reads, the third one y - A
/// D, with 0 in the elements that it does not need. Not the posterior; its page says by how much. Scale 0 calls the
/// network alone.
struct dps {
  static constexpr int branches = 3;
  double scale = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    detail::require_scale("scale", scale);
    return {.network = g[0].network};
  }
  [[nodiscard]] plan::expression arriving(plan::arrival& a, const plan::expression& x) const {
    static_cast<void>(part_done(a.now()));
    plan::guide* const g = a.before();
    if (g == nullptr || g->step() == a.now().step || scale == 0) return x;
    return x + scale * (quotient(1, g->norm(g->raw(2)), 0) * g->gradient(1));
  }
};

}  // namespace fokker::inline v0::guidance
