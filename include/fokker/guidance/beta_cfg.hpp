// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/guidance/along.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// beta-CFG, Malarz et al. 2025: u + scale B(p) d / |d|^gamma with d = c - u of what the network predicts, over each
/// sample, p = step / (steps - 1) and B the density of the beta distribution of a and b: with the default ones nothing
/// is added at the first step and the last one, where c is not called, and most in the middle. Denoisers in the order
/// {conditional, other}; a = b = 1 with gamma 0 is classifier_free.
struct beta_cfg {
  static constexpr int branches = 2;
  double scale = 7.5;
  double a = 2;
  double b = 2;
  double gamma = 1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!detail::fits_float(scale)) detail::refuse("scale", scale, "a number that a float holds");
    detail::require_within("a", a, 1, 50);
    detail::require_within("b", b, 1, 50);
    detail::require_within("gamma", gamma, 0, 2);
    static_cast<void>(part_done(g.now()));
    const double p = g.steps() == 1 ? 0 : static_cast<double>(g.step()) / (g.steps() - 1);
    const double density = std::pow(p, a - 1) * std::pow(1 - p, b - 1) * std::tgamma(a + b) / std::tgamma(a);
    const double w = scale * (density / std::tgamma(b));
    const plan::expression c = g[0].network, u = g[1].network;
    if (gamma == 0) return {.network = w * c + (1 - w) * u};
    const auto length = g.norm(c - u);
    return {.network = u + w * (quotient(1, gamma == 1 ? length : exp(gamma * log(length)), 0) * (c - u))};
  }
};

}  // namespace fokker::inline v0::guidance
