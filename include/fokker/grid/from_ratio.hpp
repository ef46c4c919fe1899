// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::grid {

/// Another grid from one level on: the level of the given sigma/alpha, and those of the grid that are cleaner. For
/// images that are noised to that level and sampled again (Meng et al. 2022, SDEdit). Runs as many steps as there are
/// such levels, which the number of steps of the grid bounds.
template <class Grid>
struct from_ratio {
  Grid grid;
  double ratio = 1;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    if (!(detail::is_finite(ratio) && ratio > 0)) detail::refuse("ratio", ratio, "a number > 0");
    std::vector<level> list{level_at_ratio(schedule, ratio)};
    for (const level& l : grid.levels(schedule))
      if (towards_data(list.front(), l)) list.push_back(l);
    if (list.size() < 2) detail::refuse("ratio", ratio, "above that of the grid's last level");
    return list;
  }
};
template <class Grid>
from_ratio(Grid, double) -> from_ratio<Grid>;

}  // namespace fokker::grid
