// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include "support/dice.hpp"

namespace test {

/// Converts to whatever a field is.
struct anything {
  template <class T>
  operator T() const;
};

template <class T, std::size_t... I>
constexpr bool has_fields(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), anything{})...}; };
}
/// How many fields an aggregate has, up to 8.
template <class T, std::size_t N = 8>
constexpr std::size_t count_of_fields() {
  if constexpr (N == 0 || has_fields<T>(std::make_index_sequence<N>{}))
    return N;
  else
    return count_of_fields<T, N - 1>();
}

/// Calls `visit(field)` for every field of an aggregate.
template <class T, class Visit>
void each_field(T& t, Visit visit) {
  constexpr std::size_t count = count_of_fields<T>();
  const auto all = [&visit](auto&... fields) { (visit(fields), ...); };
  if constexpr (count == 1) {
    auto& [a] = t;
    all(a);
  } else if constexpr (count == 2) {
    auto& [a, b] = t;
    all(a, b);
  } else if constexpr (count == 3) {
    auto& [a, b, c] = t;
    all(a, b, c);
  } else if constexpr (count == 4) {
    auto& [a, b, c, d] = t;
    all(a, b, c, d);
  } else if constexpr (count == 5) {
    auto& [a, b, c, d, e] = t;
    all(a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto& [a, b, c, d, e, f] = t;
    all(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    auto& [a, b, c, d, e, f, g] = t;
    all(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    auto& [a, b, c, d, e, f, g, h] = t;
    all(a, b, c, d, e, f, g, h);
  }
}

/// An aggregate some of whose numbers are what nobody should give, or what somebody may, fields of fields among them.
template <class T>
void make_wild(dice& d, T& t) {
  const auto one_of = [&d](const auto& list) {
    return list[static_cast<std::size_t>(d.below(static_cast<int>(std::size(list))))];
  };
  if constexpr (std::is_same_v<T, double>) {
    using limits = std::numeric_limits<double>;
    constexpr double numbers[] = {limits::quiet_NaN(),
                                  limits::infinity(),
                                  -limits::infinity(),
                                  limits::max(),
                                  limits::denorm_min(),
                                  1e300,
                                  1e39,
                                  1e30,
                                  1e9,
                                  1e3,
                                  30,
                                  2,
                                  1,
                                  1 - 0x1p-53,
                                  0.9,
                                  0.5,
                                  0.1,
                                  1e-9,
                                  1e-30,
                                  1e-300,
                                  0,
                                  -0.0,
                                  -1e-9,
                                  -0.5,
                                  -1e39};
    if (!d.often()) t = one_of(numbers);
  } else if constexpr (std::is_same_v<T, int>) {
    using limits = std::numeric_limits<int>;
    constexpr int numbers[] = {limits::min(), -1, 0, 1, 2, 3, 7, 20, limits::max()};
    t = d.often() ? 1 + d.below(8) : one_of(numbers);  // defaults are long runs
  } else if constexpr (std::is_same_v<T, bool>) {
    t = d.below(2) == 1;
  } else if constexpr (std::is_enum_v<T>) {
    t = static_cast<T>(d.below(2));
  } else if constexpr (std::is_aggregate_v<T>) {
    each_field(t, [&d](auto& field) { make_wild(d, field); });
  }
}

}  // namespace test
