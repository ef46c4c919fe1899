// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/grid/range.hpp>
#include <fokker/grid/uniform.hpp>

namespace fokker::inline v0::grid {

/// Of 32 even steps of the schedule's time those that were found to matter: short steps by the noise, long ones by the
/// data, for 5, 6, 7, 10, 12 and 16 steps; for other numbers even steps. "Empirically pruned step sampling", Zheng et
/// al. 2025 (arXiv:2505.19931), of the speech network F5-TTS, which takes `sway` of it.
struct epss {
  int steps = 16;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    detail::require_steps(steps);
    std::vector<double> shares;
    for (const int place : kept()) shares.push_back(1 - place / 32.0);
    return shares.empty() ? uniform{.steps = steps}.levels(schedule) : levels_at_shares(schedule, shares);
  }

 private:
  [[nodiscard]] std::vector<int> kept() const {
    switch (steps) {
      case 5:
        return {0, 2, 4, 8, 16, 32};
      case 6:
        return {0, 2, 4, 6, 8, 16, 32};
      case 7:
        return {0, 2, 4, 6, 8, 16, 24, 32};
      case 10:
        return {0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32};
      case 12:
        return {0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32};
      case 16:
        return {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32};
    }
    return {};
  }
};

}  // namespace fokker::inline v0::grid
