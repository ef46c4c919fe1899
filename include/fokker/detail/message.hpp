// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <concepts>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fokker/detail/is_finite.hpp>

namespace fokker::inline v0::detail {

/// The shortest text that reads back as `value`.
[[nodiscard]] inline std::string text(double value) {
  if (is_nan(value)) return "nan";  // the sign of which is the processor's
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}
[[nodiscard]] inline std::string text(std::string_view value) { return std::string(value); }
template <std::integral Integer>
[[nodiscard]] std::string text(Integer value) {
  return std::to_string(value);
}

[[nodiscard]] inline std::string joined(std::initializer_list<std::string_view> pieces) {
  std::string all;
  for (const std::string_view piece : pieces) all += piece;
  return all;
}

[[noreturn]] inline void refuse_text(std::string_view argument, std::string_view value, std::string_view allowed) {
  throw std::invalid_argument(joined({"fokker: ", argument, " is ", value, "; allowed: ", allowed}));
}

/// Throws std::invalid_argument naming the argument, its value and what is allowed.
template <class Value>
[[noreturn]] void refuse(std::string_view argument, const Value& value, std::string_view allowed) {
  refuse_text(argument, text(value), allowed);
}

// What a parameter must be, or std::invalid_argument names it. NaN and infinity are refused, also by -ffast-math.
constexpr void require_finite(std::string_view argument, double value) {
  if (!is_finite(value)) refuse(argument, value, "a finite number");
}
constexpr void require_positive(std::string_view argument, double value) {
  if (!(is_finite(value) && value > 0)) refuse(argument, value, "a number > 0");
}
constexpr void require_not_negative(std::string_view argument, double value) {
  if (!(is_finite(value) && value >= 0)) refuse(argument, value, "a number >= 0");
}
constexpr void require_within(std::string_view argument, double value, double low, double high) {
  if (!(is_finite(value) && value >= low && value <= high))
    refuse(argument, value, joined({text(low), " to ", text(high)}));
}

}  // namespace fokker::inline v0::detail
