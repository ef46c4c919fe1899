// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// The levels of another grid with what the network is told at each: `rule(level)`, such as the time in whole
/// thousandths. A label that a level carries goes before that of the parameterization.
template <class Grid, class Rule>
struct labelled {
  Grid grid;
  Rule rule;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    std::vector<level> list = grid.levels(schedule);
    for (level& l : list) l.label = rule(l);
    return list;
  }
};
template <class Grid, class Rule>
labelled(Grid, Rule) -> labelled<Grid, Rule>;

}  // namespace fokker::inline v0::grid
