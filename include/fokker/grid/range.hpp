// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/level_grid.hpp>

namespace fokker::inline v0::grid {

/// Stands for an end of the range that the schedule tells.
inline constexpr double schedules_own = 0;

/// The levels of a rule that goes from the largest to the smallest sigma/alpha: `rule(first, last, share)`, 0 < share
/// < 1. The ends are taken as they are: the schedule's own levels, or the numbers that the user gave. Throws
/// std::invalid_argument for a range that is empty, and where the schedule has no such end.
template <noise_schedule S, class Rule>
[[nodiscard]] std::vector<level> spread(const S& schedule, int steps, double sigma_min, double sigma_max, ending end,
                                        Rule rule) {
  detail::require_steps(steps);
  const int positive = end == ending::to_data ? steps : steps + 1;
  const auto end_level = [&](double given, const char* name, auto own, const char* without) {
    if (!(detail::fits_float(given) && given >= 0))
      detail::refuse(
          name, given,
          detail::joined({"above 0 and up to ", detail::text(detail::largest_number), ", or the schedule's own"}));
    const level l = given == schedules_own ? own() : level_at_ratio(schedule, given);
    if (l.is_noise() || l.is_data()) {
      if (given == schedules_own) detail::refuse(name, "the schedule's own", without);
      detail::refuse(name, given, "a number at which the schedule has both data and noise");
    }
    return l;
  };
  const level first = end_level(
      sigma_max, "sigma_max", [&] { return level_at(schedule, schedule.noise_time()); },
      "a number, such as 80: this schedule begins without data");
  std::vector<level> levels{first};
  if (positive > 1) {
    const level last = end_level(
        sigma_min, "sigma_min",
        [&] {
          if constexpr (has_last_time<S>) return level_at(schedule, schedule.last_time());
          return level{};
        },
        "a number, such as 0.002: this schedule ends without noise");
    if (!towards_data(first, last))
      detail::refuse("sigma_min", last.ratio(),
                     detail::joined({"less than ", detail::text(first.ratio()), ", which is sigma_max"}));
    for (int i = 1; i < positive - 1; ++i)
      levels.push_back(
          level_at_ratio(schedule, rule(first.ratio(), last.ratio(), static_cast<double>(i) / (positive - 1))));
    levels.push_back(last);
  }
  if (end == ending::to_data) levels.push_back(level_at(schedule, schedule.data_time()));
  return levels;
}

/// The values of a table, of whose steps there are as many as wanted: their logarithms are interpolated.
[[nodiscard]] inline std::vector<double> log_linear(const std::vector<double>& table, int steps) {
  detail::require_steps(steps);
  const auto whole = static_cast<double>(table.size() - 1);
  std::vector<double> values;
  for (int i = 0; i <= steps; ++i) {
    const double place = whole * i / steps;
    // Not the last value, which -ffast-math can step over by a last digit.
    const auto below = (std::min)(static_cast<std::size_t>(place), table.size() - 2);
    const double share = place - static_cast<double>(below);
    values.push_back(share == 0   ? table[below]
                     : share == 1 ? table[below + 1]
                                  : table[below] * std::exp(share * std::log(table[below + 1] / table[below])));
  }
  return values;
}

/// The schedule's levels at shares of its own time: 1 is the noise and 0 the data, both to the bit.
template <noise_schedule S>
[[nodiscard]] std::vector<level> levels_at_shares(const S& schedule, const std::vector<double>& shares) {
  const double noise = schedule.noise_time(), data = schedule.data_time();
  std::vector<double> times;
  for (const double share : shares) times.push_back(share == 1 ? noise : std::fma(noise - data, share, data));
  return levels_at(schedule, times);
}

/// A rule of times: N shares `rule(u)` of u = 1 - i / N, falling from 1 as u does, and then the data. They are shares
/// of the schedule's own time; of a table of T, of its last timestep T - 1, rounded to whole ones, ties to even. Where
/// a timestep is taken it is the next free one below, or as many above as the steps to come need.
template <noise_schedule S, class Rule>
[[nodiscard]] std::vector<level> spread_in_time(const S& schedule, int steps, Rule rule) {
  const int table = timesteps(schedule);
  detail::require_steps(steps, table > 0 ? table : detail::most_steps);
  std::vector<double> values;
  for (int left = steps; left > 0; --left) {
    double value = rule(static_cast<double>(left) / steps);
    if (table > 0) {
      const double last = table - 1;
      value = std::clamp(std::nearbyint(last * value), left - 1.0, values.empty() ? last : values.back() - 1);
    }
    values.push_back(value);
  }
  values.push_back(table > 0 ? static_cast<double>(schedule.data_time()) : 0.0);
  return table > 0 ? levels_at(schedule, values) : levels_at_shares(schedule, values);
}

}  // namespace fokker::inline v0::grid
