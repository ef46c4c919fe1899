// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exp_adams.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver++(3M), Lu et al. 2022 (arXiv:2211.01095), with weights of order 3: the data prediction as the polynomial
/// in log-SNR through its last three values, `exp_adams<3>{}`. The weights as published, of order 2, are
/// `compat::dpmpp_3m`.
struct dpmpp_3m {
  static constexpr int order = 3;
  static constexpr int evaluations = 1;
  static constexpr int history = 2;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return exp_adams<3>{}(p, x);
  }
};

}  // namespace fokker::inline v0::solver
