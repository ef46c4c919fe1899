// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// Some steps of another grid: `count` of them from step `first` on, or with 0 all that are left. Two plans on the
/// parts of one grid meet at a level: a refiner's hand-over, or a run that begins where an image was noised to.
template <class Grid>
struct part {
  Grid grid;
  int first = 0;
  int count = 0;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    std::vector<level> all = grid.levels(schedule);
    if (all.size() < 2) return all;  // no plan is made of it
    const int steps = static_cast<int>(all.size()) - 1;
    if (first < 0 || first >= steps) detail::refuse("first", first, detail::joined({"0 to ", detail::text(steps - 1)}));
    const int left = steps - first;
    if (count < 0 || count > left)
      detail::refuse("count", count, detail::joined({"1 to ", detail::text(left), ", or 0 for all that are left"}));
    const auto begin = all.begin() + first;
    return {begin, begin + (count == 0 ? left : count) + 1};
  }
};
template <class Grid>
part(Grid) -> part<Grid>;
template <class Grid>
part(Grid, int) -> part<Grid>;
template <class Grid>
part(Grid, int, int) -> part<Grid>;

}  // namespace fokker::inline v0::grid
