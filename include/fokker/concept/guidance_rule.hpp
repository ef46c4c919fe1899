// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/level.hpp>

/// A guidance rule says how the predictions of its branches become one: weights that sum to 1, known before sampling.
/// The denoisers are given to `sample`, in the order in which the rule names its branches.
namespace fokker::inline v0 {

/// What a rule is asked for: the level of a call, and the step of the grid that the call belongs to.
struct moment : level {
  int step = 0;   ///< 0, 1, ...
  int steps = 1;  ///< how many there are; 0 where they are chosen while sampling
};

namespace detail {

/// Throws std::invalid_argument where steps are chosen while sampling.
inline void require_counted(int steps) {
  if (steps < 1) refuse("the number of steps", steps, "1 or more: steps of their own choice are not counted");
}

}  // namespace detail

template <class G>
concept has_branches = requires {
  typename std::integral_constant<int, int{*&G::branches}>;
};
template <class G>
concept has_weights = has_branches<G> && requires(const G& g, const moment& at) {
  { g.weights(at) } -> std::same_as<std::array<double, static_cast<std::size_t>(G::branches)>>;
};

namespace plan {
class guide;
struct guided;
struct rule;
}  // namespace plan

/// Or, where more is needed than weights, it is written over symbols, as a solver is: `guided operator()(guide&)
/// const`.
template <class G>
concept has_symbols = has_branches<G> && requires(const G& g, plan::guide& at) {
  { g(at) } -> std::same_as<plan::guided>;
};

/// Or it holds one whose type is forgotten, and with it how many branches it has, as guidance::any does.
template <class G>
concept holds_rule = requires(const G& g) {
  { g.held() } -> std::same_as<plan::rule>;
};

template <class G>
concept guidance_rule = has_weights<G> || has_symbols<G> || holds_rule<G>;

template <class G>
consteval bool check_guidance_rule() {
  static_assert(detail::holds < has_branches<G> || holds_rule < G >>,
                "fokker: a guidance rule needs 'static constexpr int branches'; docs/concept/guidance_rule.md");
  if constexpr (has_branches<G>)
    static_assert(detail::holds<guidance_rule<G>>,
                  "fokker: a guidance rule needs 'std::array<double, branches> weights(const level&) const' or "
                  "'plan::guided operator()(plan::guide&) const'; docs/concept/guidance_rule.md");
  return guidance_rule<G>;
}

namespace detail {

/// Throws std::invalid_argument for a scale that float does not hold.
inline void require_scale(std::string_view name, double scale) {
  if (!fits_float(scale)) refuse(name, scale, joined({text(-largest_number), " to ", text(largest_number)}));
}

}  // namespace detail

}  // namespace fokker::inline v0
