// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// dpmpp_2m in the form of CFG++ (Chung et al. 2024), as ComfyUI's `dpmpp_2m_cfg_pp` has it: the guided data D with the
/// noise of the unguided network, and in the difference of two predictions the unguided one of the step before,
/// x_t = alpha_t D + sigma_t eps_other + alpha_t (1 - e^{-h}) h/(2 h') (D - D'_other). The last denoiser is the
/// unguided one; with one denoiser it is dpmpp_2m, whose order and ends it has.
struct dpmpp_2m_cfg_pp {
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
      if (m.branch.size() > 2) detail::refuse("guidance.branches", m.branch.size(), "1 or 2, the last one unguided");
      const auto& other = m.branch.back();
      const auto unguided = p.keep(other.data);
      x = t.alpha * m.data + t.sigma * other.epsilon;
      if (t.is_data()) continue;
      const double h = log_snr_step(s, t);
      if (before) x = x + t.alpha * gain(s, t) * (h / (2 * before->h)) * (m.data - before->data);
      if (s.is_noise())
        before.reset();
      else
        before = {h, unguided};
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
