// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <fokker/solver/dpm_solver_2s.hpp>

namespace fokker::inline v0::solver {

/// k-diffusion's DPM2 (Crowson 2022), the midpoint rule in sigma/alpha at the geometric mean of the two: DPM-Solver-2
/// with r1 = 1/2, since sigma_t (e^h - 1) = alpha_t (sigma_s/alpha_s - sigma_t/alpha_t).
struct dpm_2 {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return dpm_solver_2s{}(p, std::move(x));
  }
};

}  // namespace fokker::inline v0::solver
