// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM-Solver-fast, Lu et al. 2022 (arXiv:2206.00927), section 3.4: DPM-Solver-3 on three steps of the grid at a time,
/// whose levels are its stages, so that N steps are N calls; of the rest, and of three more where N is a multiple of
/// three, one DPM-Solver-2 and one step of order 1. Order 2 by those last steps; of its groups three, but only where
/// the levels are equally spaced in log-SNR (grid::log_snr). The steps from noise and onto data are DDIM's, and not
/// counted in N.
struct dpm_fast {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 2;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    std::vector<level> levels;  // of the steps that have a length in log-SNR
    for (auto [s, t] : p.steps()) {
      if (!s.is_noise() && levels.empty()) levels.push_back(s);
      if (!s.is_noise() && !t.is_data()) levels.push_back(t);
    }
    std::optional<exponential_stages> group;
    std::size_t i = 0, first = 0, last = 0;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise() || t.is_data()) {
        x = t.alpha * m.data + t.sigma * m.epsilon;
        continue;
      }
      if (i == last) {
        first = i;
        last += size_of_group(levels.size() - 1 - i);
        group.emplace(p, x, m, s, levels[last], target::epsilon);
      } else {
        group->add(x, m);
      }
      const auto share = [&](std::size_t j) { return log_snr_step(levels[first], levels[j]) / group->z(); };
      exponential_tableau rows(1);
      if (last - first == 2) rows = two_stages_of_phi_1(group->z(), share(first + 1));
      if (last - first == 3) rows = three_stages(group->z(), share(first + 1), share(first + 2), 0);
      x = group->at(t, rows[i - first]);
      ++i;
    }
    return x;
  }

 private:
  /// Three while more than three steps are left; then 2 and 1 of three.
  [[nodiscard]] static std::size_t size_of_group(std::size_t left) { return left > 3 ? 3 : left == 3 ? 2 : left; }
};

}  // namespace fokker::inline v0::solver
