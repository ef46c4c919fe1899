// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <string_view>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/builder.hpp>

/// A solver is a sampler written over symbols: `expression operator()(builder& p, expression x) const` takes the start
/// and returns the end. Its facts are constants, or members of a solver that is chosen at run time: `order` of the
/// deterministic part, `evaluations` of the network per step, `history` (predictions of earlier steps that it uses),
/// `stochastic` (whether it can draw noise). With the optional constant `towards_noise` it goes from data to noise,
/// over the levels of its grid in the other order; with `two_levels` it tells the network where x goes as well.
namespace fokker::inline v0 {

template <class S>
concept has_order = requires(const S& s) {
  { s.order } -> std::convertible_to<int>;
};
template <class S>
concept has_evaluations = requires(const S& s) {
  { s.evaluations } -> std::convertible_to<int>;
};
template <class S>
concept has_history = requires(const S& s) {
  { s.history } -> std::convertible_to<int>;
};
template <class S>
concept has_stochastic = requires(const S& s) {
  { s.stochastic } -> std::convertible_to<bool>;
};
template <class S>
concept has_steps = requires(const S& s, plan::builder& p, plan::expression x) {
  { s(p, x) } -> std::convertible_to<plan::expression>;
};

template <class S>
concept sampling_solver = has_order<S> && has_evaluations<S> && has_history<S> && has_stochastic<S> && has_steps<S>;

template <class S>
concept has_towards_noise = requires {
  { *&S::towards_noise } -> std::convertible_to<bool>;
};

template <class S>
[[nodiscard]] consteval bool goes_towards_noise() {
  if constexpr (has_towards_noise<S>) return S::towards_noise;
  return false;
}

/// A pair of methods that can also be run with steps of its own choice: a step says how far another one is from it.
template <class S>
concept embedded_pair = sampling_solver<S> &&
    requires(const S& s, plan::builder& p, const plan::expression& x, const level& l) {
  { s.attempt(p, x, l, l) } -> std::same_as<plan::attempt>;
};

template <class S>
consteval bool check_sampling_solver() {
  static_assert(detail::holds<has_order<S>>,
                "fokker: a solver needs 'static constexpr int order'; docs/concept/sampling_solver.md");
  static_assert(detail::holds<has_evaluations<S>>,
                "fokker: a solver needs 'static constexpr int evaluations'; docs/concept/sampling_solver.md");
  static_assert(detail::holds<has_history<S>>,
                "fokker: a solver needs 'static constexpr int history'; docs/concept/sampling_solver.md");
  static_assert(detail::holds<has_stochastic<S>>,
                "fokker: a solver needs 'static constexpr bool stochastic'; docs/concept/sampling_solver.md");
  static_assert(detail::holds<has_steps<S>>,
                "fokker: a solver needs 'plan::expression operator()(plan::builder&, plan::expression x) const'; "
                "docs/concept/sampling_solver.md");
  return sampling_solver<S>;
}

namespace detail {

/// How far the stages of a step must be from each other, as shares of it. Of two at the distance c the difference is
/// weighed by 1/c, and with it what float rounds, 2^-24: that stays below 2^-7, a step of 8 bits in [-1, 1].
inline constexpr double least_share = 0x1p-17;

/// Throws unless a stage is far enough behind the one at `after`, and not behind `most`.
inline void require_share(std::string_view name, double share, double after, double most, std::string_view allowed) {
  if (!(is_finite(share) && share >= after + least_share && share <= most))
    refuse(name, share, joined({allowed, ", ", text(least_share), " or more from other stages"}));
}

}  // namespace detail

}  // namespace fokker::inline v0
