// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/grid/from_ratio.hpp>

namespace fokker::inline v0::grid {

/// Another grid down to one level: its levels that are noisier than the given sigma/alpha, and the level of that. It
/// meets `from_ratio` of the same grid and ratio there: two networks, each for its own range of noise. One step from
/// each noisier level.
template <class Grid>
struct to_ratio {
  Grid grid;
  double ratio = 1;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    const std::vector<level> all = grid.levels(schedule);
    const level last = level_of_ratio(all, schedule, ratio);
    std::vector<level> list;
    for (const level& l : all)
      if (towards_data(l, last)) list.push_back(l);
    if (list.empty()) detail::refuse("ratio", ratio, "below that of the grid's first level");
    list.push_back(last);
    return list;
  }
};
template <class Grid>
to_ratio(Grid, double) -> to_ratio<Grid>;

}  // namespace fokker::inline v0::grid
