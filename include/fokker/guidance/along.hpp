// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// What a run is measured by: sigma/alpha of a level, its time in the schedule, or the part of the steps that is done.
enum class along { ratio, time, steps };

/// Above every level, noise with alpha = 0 too.
inline constexpr double no_end = (std::numeric_limits<double>::max)();

/// The part of the run that lies before a step, 0 at the first one. Throws std::invalid_argument where steps are chosen
/// while sampling.
[[nodiscard]] inline double part_done(const moment& at) {
  detail::require_counted(at.steps);
  return static_cast<double>(at.step) / at.steps;
}

/// Whether a call lies in (low, high] of sigma/alpha or of time, of which a low of 0 includes the data, or its step in
/// [low, high) of the steps, both rounded down to a whole number of them. Throws std::invalid_argument for ends that
/// are not in order.
[[nodiscard]] inline bool inside(const moment& at, along by, double low, double high) {
  const bool counted = by == along::steps;
  if (!(detail::is_finite(low) && low >= 0)) detail::refuse("low", low, counted ? "0 to 1" : "a number from 0");
  if (!(detail::is_finite(high) && high >= low && !(counted && high > 1)))
    detail::refuse("high", high,
                   counted ? "low to 1, parts of the steps"
                           : detail::joined({detail::text(low), " or more, ", detail::text(no_end), " for no end"}));
  if (counted) {
    static_cast<void>(part_done(at));
    return at.step >= std::floor(low * at.steps) && at.step < std::floor(high * at.steps);
  }
  if (by == along::time) return (low == 0 || at.time > low) && at.time <= high;
  return (low == 0 || at.sigma > low * at.alpha) && (high == no_end || (!at.is_noise() && at.sigma <= high * at.alpha));
}

}  // namespace fokker::inline v0::guidance
