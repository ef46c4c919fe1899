// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <string_view>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/level.hpp>

/// A parameterization says what the network predicts, as a row (a, b) of p = a x0 + b eps at a level.
/// Optional members: `input_scale` (what x is multiplied by before the network sees it), `label` (what the network is
/// told, from the level), `limit` (how far the x0-prediction may go), `at_data` (whether it is called where sigma = 0
/// as well), `row(from, to)` (what it predicts where it is told where x goes as well: data and noise are then those
/// whose path leads through x here and there) and `learns_variance` (whether the network has a further output, of its
/// variance). The last one and the name are constants, or members of one that is chosen at run time.
namespace fokker::inline v0 {

struct prediction_row {
  double data = 0;   ///< a
  double noise = 0;  ///< b
  friend bool operator==(const prediction_row&, const prediction_row&) = default;
};

/// What is done to an x0-prediction once it is guided: it is clamped to [-bound, bound]. With a `quantile` above 0 it
/// is divided by s / bound first, s being that quantile of |x0| over the sample, not less than `bound` and not more
/// than `largest`.
struct data_limit {
  static constexpr double none = (std::numeric_limits<double>::max)();
  double bound = none;
  double quantile = 0;
  double largest = none;
  bool network_epsilon = false;  ///< epsilon stays what the network said, rather than that of the limited data
  friend bool operator==(const data_limit&, const data_limit&) = default;
};

template <class P>
concept has_row = requires(const P& p, const level& l) {
  { p.row(l) } -> std::same_as<prediction_row>;
};
template <class P>
concept has_name = requires(const P& p) {
  { p.name } -> std::convertible_to<std::string_view>;
};

template <class P>
concept prediction_type = has_row<P> && has_name<P>;

template <class P>
concept has_input_scale = requires(const P& p, const level& l) {
  { p.input_scale(l) } -> std::convertible_to<double>;
};
template <class P>
concept has_label = requires(const P& p, const level& l) {
  { p.label(l) } -> std::convertible_to<double>;
};

/// Whether the network tells the variance of a reverse step in an output of its own, after those of the guidance.
template <class P>
[[nodiscard]] consteval bool learns_variance() {
  if constexpr (requires { static_cast<bool>(P::learns_variance); }) return P::learns_variance;
  return false;
}
template <class P>
[[nodiscard]] bool learns_variance(const P& parameterization) {
  if constexpr (requires { static_cast<bool>(parameterization.learns_variance); })
    return parameterization.learns_variance;
  return false;
}

template <class P>
concept has_row_between = requires(const P& p, const level& l) {
  { p.row(l, l) } -> std::same_as<prediction_row>;
};

/// What a network predicts at a level, and where it is told where x goes, on the way there.
template <prediction_type P>
[[nodiscard]] prediction_row row_of(const P& parameterization, const level& at, const level* to = nullptr) {
  if constexpr (has_row_between<P>)
    if (to != nullptr) return parameterization.row(at, *to);
  return parameterization.row(at);
}

template <class P>
concept has_limit = requires(const P& p) {
  { p.limit() } -> std::same_as<data_limit>;
};

template <class P>
consteval bool check_prediction_type() {
  static_assert(
      detail::holds<has_row<P>>,
      "fokker: a parameterization needs 'prediction_row row(const level&) const'; docs/concept/prediction_type.md");
  static_assert(
      detail::holds<has_name<P>>,
      "fokker: a parameterization needs 'static constexpr const char* name'; docs/concept/prediction_type.md");
  return prediction_type<P>;
}

/// What the network is told at `l`: the label that the level carries, else the parameterization's, else the time.
template <prediction_type P>
[[nodiscard]] double label(const P& parameterization, const level& l) {
  if (!detail::is_nan(l.label)) return l.label;
  if constexpr (has_label<P>) return parameterization.label(l);
  return l.time;
}

template <prediction_type P>
[[nodiscard]] double input_scale(const P& parameterization, const level& l) {
  if constexpr (has_input_scale<P>) return parameterization.input_scale(l);
  return 1;
}

/// How far the data may go. Throws std::invalid_argument for a limit that is no number.
template <prediction_type P>
[[nodiscard]] data_limit limit(const P& parameterization) {
  data_limit l;
  if constexpr (has_limit<P>) l = parameterization.limit();
  for (const double value : {l.bound, l.quantile, l.largest})
    if (detail::is_nan(value)) detail::refuse("a limit of the data", value, "numbers");
  return l;
}

/// Whether the network is called at data themselves, where that makes a step onto them one of full order.
template <prediction_type P>
[[nodiscard]] bool at_data(const P& parameterization) {
  if constexpr (requires { static_cast<bool>(parameterization.at_data); }) return parameterization.at_data;
  return false;
}

/// q = x * of_x + p * of_p, and whether p and x determine q at that level.
struct conversion {
  double of_x = 0;
  double of_p = 0;
  bool determined = false;
};

/// The prediction `to` from the prediction `from` at a level: with det = alpha b_p - sigma a_p,
/// q = [(a_q b_p - a_p b_q) x + (alpha b_q - sigma a_q) p] / det. Where q is a multiple of p no x is needed,
/// so that nothing singular is met on a way that has no singularity.
[[nodiscard]] inline conversion convert(const level& l, prediction_row from, prediction_row to) {
  const auto any = [&](auto is) { return is(from.data) || is(from.noise) || is(to.data) || is(to.noise); };
  if (any([](double x) { return detail::is_nan(x); })) return {};
  if (to == from) return {0, 1, true};
  if (any([](double x) { return !detail::is_finite(x); })) return {};
  const double cross = difference_of_products(to.data, from.noise, from.data, to.noise);
  if (cross == 0) {
    const double multiple = std::abs(from.data) > std::abs(from.noise) ? to.data / from.data : to.noise / from.noise;
    return {0, multiple, detail::is_finite(multiple)};
  }
  const double det = difference_of_products(l.alpha, from.noise, l.sigma, from.data);
  const double of_x = cross / det;
  const double of_p = difference_of_products(l.alpha, to.noise, l.sigma, to.data) / det;
  return {of_x, of_p, det != 0 && detail::is_finite(of_x) && detail::is_finite(of_p)};
}

}  // namespace fokker::inline v0
