// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The user's own levels, verbatim: `explicit_levels{levels_at(schedule, times)}`,
/// `levels_at_ratios(schedule, sigmas)`, or any list of levels with labels of its own.
/// Checked by `make_plan`, never overwritten.
struct explicit_levels {
  std::vector<level> list;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S&) const {
    return list;
  }
};

}  // namespace fokker::inline v0::grid
