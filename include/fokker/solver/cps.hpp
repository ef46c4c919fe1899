// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/ddim.hpp>

namespace fokker::inline v0::solver {

/// CPS, Wang & Yu 2025 (arXiv:2509.05952), "coefficients-preserving sampling": DDIM with the deviation s = sigma_t
/// sin(pi eta / 2) in each step, however short. eta = 0 is DDIM, eta = 1 draws all noise afresh. The law of
/// many steps is not that of the data, of which variance is lost.
struct cps {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 0.8;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_within("eta", eta, 0, 1);
    const double w = eta == 1 ? 1 : std::sin(1.57079632679489661923 * eta);
    return take_shares_of_noise(p, static_cast<plan::expression&&>(x), {0},
                                [w](const level&, const level&) { return w; });
  }
};

}  // namespace fokker::inline v0::solver
