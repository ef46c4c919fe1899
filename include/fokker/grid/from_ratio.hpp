// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The level of a list at which sigma/alpha is `ratio`, to 2^-40 of it, with its label; where none is, the schedule's
/// own. Two levels that are a rounding apart would be a step whose weights lose every digit. Throws for a ratio that is
/// not above 0.
template <noise_schedule S>
[[nodiscard]] level level_of_ratio(const std::vector<level>& list, const S& schedule, double ratio) {
  detail::require_positive("ratio", ratio);
  for (const level& l : list)
    if (!l.is_noise() && std::abs(l.ratio() - ratio) <= 0x1p-40 * ratio) return l;
  return level_at_ratio(schedule, ratio);
}

/// Another grid from one level on: the level of the given sigma/alpha, and those of the grid that are cleaner. For
/// images that are noised to that level and sampled again (Meng et al. 2022, SDEdit). One step to each cleaner level: N
/// of them at most, or N + 1 from above the first level of the grid.
template <class Grid>
struct from_ratio {
  Grid grid;
  double ratio = 1;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const std::vector<level> all = grid.levels(schedule);
    std::vector<level> list{level_of_ratio(all, schedule, ratio)};
    for (const level& l : all)
      if (towards_data(list.front(), l)) list.push_back(l);
    if (list.size() < 2) detail::refuse("ratio", ratio, "above that of the grid's last level");
    return list;
  }
};
template <class Grid>
from_ratio(Grid, double) -> from_ratio<Grid>;

}  // namespace fokker::inline v0::grid
