// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/detail/holds.hpp>

/// A grid says where along a schedule to stop: N + 1 levels of N steps, strictly towards data.
namespace fokker::inline v0 {

/// Where a grid ends: on the data itself, or on the last level that its rule gives.
enum class ending { to_data, to_last_level };

template <class G, class S>
concept has_levels = requires(const G& g, const S& s) {
  { g.levels(s) } -> std::same_as<std::vector<level>>;
};

template <class G, class S>
concept level_grid = has_levels<G, S>;

template <class G, class S>
consteval bool check_level_grid() {
  static_assert(
      detail::holds<has_levels<G, S>>,
      "fokker: a grid needs 'std::vector<level> levels(const Schedule&) const', and some grids need a schedule "
      "with 'int size() const'; docs/concept/level_grid.md");
  return level_grid<G, S>;
}

/// The schedule's levels at a list of times, verbatim.
template <noise_schedule S>
[[nodiscard]] std::vector<level> levels_at(const S& schedule, const std::vector<double>& times) {
  std::vector<level> levels;
  for (const double time : times) levels.push_back(level_at(schedule, time));
  return levels;
}

/// The schedule's levels at a list of sigma/alpha, verbatim; 0 is the data.
template <noise_schedule S>
[[nodiscard]] std::vector<level> levels_at_ratios(const S& schedule, const std::vector<double>& ratios) {
  std::vector<level> levels;
  for (const double ratio : ratios)
    levels.push_back(!detail::is_nan(ratio) && ratio == 0 ? level_at(schedule, schedule.data_time())
                                                          : level_at_ratio(schedule, ratio));
  return levels;
}

namespace detail {

inline constexpr int most_steps = 1'000'000;  // what memory holds, and a slip of the hand does not reach

inline void require_steps(int steps, int most = most_steps) {
  if (most < 1) refuse("steps", steps, "none: a table of one timestep has no other to stop at");
  if (steps < 1 || steps > most) refuse("steps", steps, joined({"1 to ", text(most)}));
}

/// Whether the levels of a plan go from data to noise.
[[nodiscard]] inline bool towards_noise(const std::vector<level>& levels) {
  return levels.size() > 1 && towards_data(levels[1], levels[0]);
}

/// Throws unless `levels` are two or more, of numbers that float holds, and strictly towards data.
inline void require_levels(const std::vector<level>& levels) {
  if (levels.size() < 2) refuse("the number of levels", levels.size(), "2 or more: N steps have N + 1 levels");
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const level& l = levels[i];
    const auto refuse_its = [&](const char* what, double value, std::string_view allowed) {
      refuse(joined({"level ", text(i), ": ", what}), value, allowed);
    };
    if (!is_finite(l.time)) refuse_its("time", l.time, "a finite number");
    for (const auto& [what, value] : {std::pair{"alpha", l.alpha}, {"sigma", l.sigma}})
      if (!fits_float(value) || value < 0) refuse_its(what, value, joined({"0 to ", text(largest_number)}));
    if (l.alpha == 0 && l.sigma == 0) refuse_its("alpha and sigma", 0, "not both 0");
    if (i > 0 && !towards_data(levels[i - 1], l))
      refuse_its("sigma/alpha", l.ratio(),
                 joined({"less than ", text(levels[i - 1].ratio()), ", that of the level before"}));
  }
}

}  // namespace detail
}  // namespace fokker::inline v0
