// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exp_adams.hpp>

namespace fokker::inline v0::solver {

/// DEIS, Zhang & Chen 2023 (arXiv:2204.13902), section 3: the noise prediction as the polynomial through its last
/// `Order` values, integrated exactly. The variable of the polynomial is time (the paper's tAB), sigma/alpha (its
/// rho-AB) or log-SNR ("logrho" in diffusers).
template <int Order = 3>
struct deis {
  static constexpr int order = Order;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1;
  static constexpr bool stochastic = false;

  solver::variable variable = variable::time;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return exp_adams<Order>{.target = target::epsilon, .variable = variable}(p, x);
  }
};

}  // namespace fokker::inline v0::solver
