// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fokker/concept/fields.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"

namespace test {

inline std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 2) {
    end = list.find(", ", begin);
    words.emplace_back(list.substr(begin, end - begin));
  }
  return words;
}

/// Calls `visit(field)` for the fields that can be given by name, in their order: of fields of fields as well.
template <class T, class Visit>
void each_given_field(T& t, Visit& visit) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
    visit(t);
  else if constexpr (std::is_aggregate_v<T>)
    each_field(t, [&](auto& field) { each_given_field(field, visit); });
}

/// Gives a field another value than its default, and says it by name.
template <class T>
fokker::field changed(T& value, const fokker::field_description& said) {
  if constexpr (std::is_same_v<T, bool>) {
    CHECK(said.allowed == "0 or 1 (false or true)");
    CHECK(said.value == (value ? "true" : "false"));
    return {said.name, value = !value};
  } else if constexpr (std::is_enum_v<T>) {
    const auto words = split(said.allowed);
    REQUIRE(words.size() > 1);
    const auto old = static_cast<std::size_t>(value);
    CHECK(said.value == words[old]);
    // the word before, which is not a second name of the same
    const std::size_t other = old == 0 ? 1 : old - 1;
    value = static_cast<T>(other);
    return {said.name, words[other]};
  } else {
    CHECK(said.allowed == (std::is_same_v<T, int> ? "a whole number" : "a number"));
    CHECK(said.value == fokker::detail::text(value));
    if constexpr (std::is_same_v<T, int>)
      ++value;
    else
      value = !fokker::detail::is_finite(value) ? 5 : value == 0 ? 0.3 : 0.9 * value;
    return {said.name, value};
  }
}

/// Calls `compare(written, fields)` with a default T, with each of its fields changed alone, and with all of them: T
/// as it is written out, and the list by which the same is asked for by name.
template <class T, class Compare>
void on_changed_fields(const std::vector<fokker::field_description>& said, Compare compare) {
  compare(T{}, std::vector<fokker::field>{});
  const int count = static_cast<int>(said.size());
  for (int chosen = 0; chosen <= count; ++chosen) {  // the last time all
    T written{};
    std::vector<fokker::field> fields;
    int i = 0;
    auto visit = [&](auto& value) {
      REQUIRE(i < count);
      if (i == chosen || chosen == count) fields.push_back(changed(value, said[static_cast<std::size_t>(i)]));
      ++i;
    };
    each_given_field(written, visit);
    CHECK(i == count);
    compare(written, fields);
  }
}

/// Calls `visit(type, member)` for each of a room's types and its name in the room's list.
template <class... Types, class All, class Visit>
void each_named(const std::tuple<Types...>*, const All& all, Visit visit) {
  CHECK(std::size(all) >= sizeof...(Types));
  auto next = std::begin(all);
  (visit(std::type_identity<Types>{}, *next++), ...);
}

}  // namespace test
