// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/kept.hpp>
#include <fokker/schedule/any.hpp>

namespace fokker::inline v0::grid {

/// A grid whose type is forgotten, with its fields as they are; the steps can be changed, of a grid that counts them.
class any {
 public:
  int steps = 0;

  template <class Grid>
  requires(!std::same_as<Grid, any> && level_grid<Grid, schedule::any>)
      any(Grid grid)  // NOLINT(google-explicit-constructor)
      : levels_([](const void* g, const schedule::any& schedule, int chosen) {
          if constexpr (counts<Grid>) {
            Grid counted = *static_cast<const Grid*>(g);
            counted.steps = chosen;
            return counted.levels(schedule);
          } else {
            return static_cast<const Grid*>(g)->levels(schedule);
          }
        }) {
    if constexpr (counts<Grid>) steps = grid.steps;
    grid_ = detail::kept(std::move(grid));
  }

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    return levels_(grid_.get(), schedule, steps);
  }

 private:
  template <class Grid>
  static constexpr bool counts = requires(Grid& grid) {
    grid.steps = 1;
  };

  std::shared_ptr<const void> grid_;
  std::vector<level> (*levels_)(const void*, const schedule::any&, int);
};

}  // namespace fokker::inline v0::grid
