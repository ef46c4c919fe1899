// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <stdexcept>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/opaque.hpp>
#include <fokker/level.hpp>

/// A schedule says how fast data turns into noise: time -> (alpha, sigma), sigma/alpha strictly increasing
/// from `data_time` to `noise_time`. Optional members: `last_time` (the cleanest level that a network was
/// trained on), `time_of` (the inverse of sigma/alpha), the two rates, and `size` (number of training steps).
namespace fokker::inline v0 {

template <class S>
concept has_alpha = requires(const S& s, double time) {
  { s.alpha(time) } -> std::convertible_to<double>;
};
template <class S>
concept has_sigma = requires(const S& s, double time) {
  { s.sigma(time) } -> std::convertible_to<double>;
};
template <class S>
concept has_noise_time = requires(const S& s) {
  { s.noise_time() } -> std::convertible_to<double>;
};
template <class S>
concept has_data_time = requires(const S& s) {
  { s.data_time() } -> std::convertible_to<double>;
};

template <class S>
concept noise_schedule = has_alpha<S> && has_sigma<S> && has_noise_time<S> && has_data_time<S>;

template <class S>
concept has_last_time = requires(const S& s) {
  { s.last_time() } -> std::convertible_to<double>;
};
template <class S>
concept has_time_of = requires(const S& s, double ratio) {
  { s.time_of(ratio) } -> std::convertible_to<double>;
};
template <class S>
concept has_rates = requires(const S& s, double time) {
  { s.alpha_rate(time) } -> std::convertible_to<double>;
  { s.sigma_rate(time) } -> std::convertible_to<double>;
};
template <class S>
concept has_size = requires(const S& s) {
  { s.size() } -> std::convertible_to<int>;
};

/// A schedule that is known at the times 0 ... size() - 1 of a training run, like a checkpoint's table.
template <class S>
concept discrete_schedule = noise_schedule<S> && has_size<S>;

/// The number of a table's timesteps; 0 of a schedule that is none.
template <noise_schedule S>
[[nodiscard]] int timesteps(const S& schedule) {
  if constexpr (has_size<S>) return schedule.size();
  return 0;
}

template <class S>
consteval bool check_noise_schedule() {
  static_assert(detail::holds<has_alpha<S>>,
                "fokker: a schedule needs 'double alpha(double time) const'; docs/concept/noise_schedule.md");
  static_assert(detail::holds<has_sigma<S>>,
                "fokker: a schedule needs 'double sigma(double time) const'; docs/concept/noise_schedule.md");
  static_assert(detail::holds<has_noise_time<S>>,
                "fokker: a schedule needs 'double noise_time() const'; docs/concept/noise_schedule.md");
  static_assert(detail::holds<has_data_time<S>>,
                "fokker: a schedule needs 'double data_time() const'; docs/concept/noise_schedule.md");
  return noise_schedule<S>;
}

namespace detail {

/// The time, if it lies between the data and the noise of a schedule. Throws std::invalid_argument else.
[[nodiscard]] inline double own_time(double time, double data, double noise) {
  if (!(is_finite(time) && time >= data && time <= noise))
    refuse("time", time, joined({text(data), " (data) to ", text(noise), " (noise)"}));
  return time;
}

/// The number of a table's timesteps. Throws std::invalid_argument for a schedule that has none, which is known of one
/// without its type at run time only.
template <discrete_schedule S>
[[nodiscard]] int timesteps_of_table(const S& schedule) {
  const int size = timesteps(schedule);
  if (size < 1) refuse("the schedule", "no table", "a table of timesteps, such as schedule::linear");
  return size;
}

/// Throws std::invalid_argument for a sigma/alpha above `most`, that of a schedule's noise, but for its rounding.
inline void require_ratio(double ratio, double most) {
  if (!(is_finite(ratio) && ratio <= most * (1 + 1e-12)))
    refuse("sigma/alpha", ratio, joined({"0 to ", text(most), ", that of the schedule's noise"}));
}

}  // namespace detail

// These two are not inlined, so that no product of a grid meets a sum of a schedule, nor one of a schedule a sum of a
// solver: where both are one function compilers make one operation of the two, on processors that have it. Nor do
// compilers see which schedule it is at which time.

/// The level of `schedule` at `time`, with everything that the schedule knows of it.
template <noise_schedule S>
[[nodiscard, gnu::noinline]] level level_at(const S& schedule, double time) {
  const S& s = detail::opaque(schedule);
  const double t = detail::opaque(time);
  level l{.time = t, .alpha = static_cast<double>(s.alpha(t)), .sigma = static_cast<double>(s.sigma(t))};
  if constexpr (has_rates<S>) {
    l.alpha_rate = static_cast<double>(s.alpha_rate(t));
    l.sigma_rate = static_cast<double>(s.sigma_rate(t));
  }
  return l;
}

/// The time at which sigma/alpha equals `ratio`; by bisection down to the last bit where the schedule has no inverse.
template <noise_schedule S>
[[nodiscard, gnu::noinline]] double time_of(const S& schedule, double ratio) {
  if (detail::is_nan(ratio) || ratio < 0) detail::refuse("sigma/alpha", ratio, "a number >= 0");
  if constexpr (has_time_of<S>) {
    return detail::opaque(schedule).time_of(detail::opaque(ratio));
  } else {
    double clean = schedule.data_time(), noisy = schedule.noise_time();
    detail::require_finite("data_time", clean);
    detail::require_finite("noise_time", noisy);
    if (schedule.sigma(noisy) < ratio * schedule.alpha(noisy))
      detail::refuse("sigma/alpha", ratio,
                     detail::joined({"at most ", detail::text(level_at(schedule, noisy).ratio()),
                                     ", that of the schedule's noise_time"}));
    while (true) {
      const double middle = 0.5 * (clean + noisy);
      if (middle == clean || middle == noisy) return middle;
      (schedule.sigma(middle) < ratio * schedule.alpha(middle) ? clean : noisy) = middle;
    }
  }
}

/// The level at which sigma/alpha equals `ratio`.
template <noise_schedule S>
[[nodiscard]] level level_at_ratio(const S& schedule, double ratio) {
  return level_at(schedule, time_of(schedule, ratio));
}

}  // namespace fokker::inline v0
