// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/guidance/along.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Samples that two models find equally likely, SuperDiff's AND, Skreta et al. 2025: along the run the densities of
/// both change alike. A step is made with the mean of both data, and then x' moves along their difference, to where
/// `log_ratio_gain` is 0; which is the step with the weights of the paper, whose noise is drawn by then. For solvers of
/// one call a step that draw the noise of the reverse SDE, such as ddpm. Denoisers in the order {first, second}; the
/// rule goes around no other.
struct intersected {
  static constexpr int branches = 2;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const { return {.data = 0.5 * g[0].data + 0.5 * g[1].data}; }
  [[nodiscard]] plan::expression arriving(plan::arrival& a, const plan::expression& x) const {
    static_cast<void>(part_done(a.now()));
    plan::guide* const g = a.before();
    if (g == nullptr) return x;
    if (g->step() == a.now().step) detail::refuse("the solver", "one of several calls a step", "one of one call");
    const level &s = g->at(), &t = a.at();
    if (t.is_data()) return x;  // there the mean of both is where they agree
    // The gain times sigma'^2 / alpha', which is finite at both ends.
    const double ratio = t.sigma / s.sigma, kept = s.alpha / t.alpha * detail::rounded_product(ratio, ratio);
    const double of_both = difference_of_products(t.alpha, 1, kept, s.alpha);
    const plan::expression both = (*g)[0].data + (*g)[1].data;
    // The direction alone counts; what agrees to the bit is 0 in this difference.
    const plan::expression apart = (*g)[0].network - (*g)[1].network;
    const plan::scalar gain = g->dot(apart, x - kept * g->x() - 0.5 * of_both * both);
    return x - quotient(gain, g->dot(apart, apart), 0) * apart;
  }
};

}  // namespace fokker::inline v0::guidance
