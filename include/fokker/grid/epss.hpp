// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <span>
#include <vector>

#include <fokker/grid/range.hpp>

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
    if (shares.empty())
      for (int left = steps; left >= 0; --left) shares.push_back(static_cast<double>(left) / steps);
    return levels_at_shares(schedule, shares);
  }

 private:
  [[nodiscard]] std::span<const int> kept() const {
    static constexpr std::array five{0, 2, 4, 8, 16, 32};
    static constexpr std::array six{0, 2, 4, 6, 8, 16, 32};
    static constexpr std::array seven{0, 2, 4, 6, 8, 16, 24, 32};
    static constexpr std::array ten{0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32};
    static constexpr std::array twelve{0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32};
    static constexpr std::array sixteen{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32};
    switch (steps) {
      case 5:
        return five;
      case 6:
        return six;
      case 7:
        return seven;
      case 10:
        return ten;
      case 12:
        return twelve;
      case 16:
        return sixteen;
    }
    return {};
  }
};

}  // namespace fokker::inline v0::grid
