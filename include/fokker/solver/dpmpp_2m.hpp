// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::solver {

/// DPM-Solver++(2M), Lu et al. 2022 (arXiv:2211.01095), algorithm 2: the exponential integrator of the ODE in log-SNR,
/// with the difference of two data predictions at half the exact weight's place ("midpoint"); order 2. First order
/// where there is no history: the first step, the one after noise, and the one onto data.
struct dpmpp_2m {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    struct prediction_before {
      double h;
      plan::expression data;
    };
    std::optional<prediction_before> before;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const auto D = p.keep(m.data);
      x = t.alpha * D + t.sigma * m.epsilon;
      if (t.is_data()) continue;
      const double h = log_snr_step(s, t);
      if (before) x = x + t.alpha * gain(s, t) * (h / (2 * before->h)) * (D - before->data);
      if (s.is_noise())
        before.reset();
      else
        before = {h, D};
    }
    return x;
  }
};

}  // namespace fokker::solver
