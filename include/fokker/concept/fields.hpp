// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>

/// The fields of what is chosen by its name while a program runs: `by_name("karras", {{"rho", 5}, {"end",
/// "to_data"}})`.
namespace fokker::inline v0 {

/// A field by its name, and what it shall be: a number, a truth, or one of the words of an enumeration.
struct field {
  std::string name;
  double number = 0;
  std::string word = {};  ///< instead of the number, unless it is empty

  template <class Number>
  requires std::is_arithmetic_v<Number> field(std::string_view its_name, Number value)
      : name(its_name), number(static_cast<double>(value)) {}
  field(std::string_view its_name, std::string_view value) : name(its_name), word(value) {}
};

/// What there is to be said of a field, for menus and messages.
struct field_description {
  std::string name;
  std::string value;    ///< its default
  std::string allowed;  ///< "a number", "a whole number", "0 or 1 (false or true)", or the words, with commas
};

namespace detail {

/// A word of an enumeration, and what it means.
struct enumerator {
  std::string_view word;
  int value;
};

/// Writes given fields into those of a member, which are named one after the other, and describes these. Throws
/// std::invalid_argument for what a field cannot be; `finish` does for given fields that were not named, or twice
/// given.
class given_fields {
 public:
  given_fields(std::string_view member, const std::vector<field>& given)
      : member_(member), given_(given), taken_(given.size(), false) {}

  given_fields& operator()(std::string_view name, double& value) {
    for (const another_default& u : usual_)
      if (u.name == name && inside_.size() > u.inside.size() && inside_.starts_with(u.inside)) value = u.value;
    describe(name, text(value), "a number");
    if (const field* f = take(name)) value = number_of(*f);
    return *this;
  }
  given_fields& operator()(std::string_view name, int& value) {
    describe(name, text(value), "a whole number");
    if (const field* f = take(name)) value = whole_number_of(*f);
    return *this;
  }
  given_fields& operator()(std::string_view name, bool& value) {
    describe(name, value ? "true" : "false", "0 or 1 (false or true)");
    if (const field* f = take(name)) {
      const double number = number_of(*f);
      if (is_nan(number) || (number != 0 && number != 1)) refuse_value(number);
      value = number == 1;
    }
    return *this;
  }
  template <class Enum>
  requires std::is_enum_v<Enum> given_fields& operator()(std::string_view name, Enum& value,
                                                         std::span<const enumerator> words) {
    value = static_cast<Enum>(chosen(name, static_cast<int>(value), words));
    return *this;
  }

  /// Fields of that name, in the members within the one that is read now, have another default.
  given_fields& usually(std::string_view name, double value) {
    usual_.push_back({inside_, name, value});
    return *this;
  }
  /// A member of a room's list `all` by its name, the one called `usual` where no name is given; its own fields are
  /// given with names of two parts.
  template <class List>
  [[nodiscard]] auto member(std::string_view name, std::string_view usual, const List& all, std::string_view what);

  void finish() const {
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (taken_[i]) continue;
      std::string known;
      for (const field_description& d : described_) {
        if (d.name == given_[i].name) refuse(joined({"the field ", d.name, " of ", member_}), "given twice", "once");
        known += joined({known.empty() ? "" : ", ", d.name, " = ", d.value});
      }
      refuse(joined({"a field of ", member_}), given_[i].name, known.empty() ? "none, it has no fields" : known);
    }
  }
  [[nodiscard]] const std::vector<field_description>& described() const { return described_; }

 private:
  void describe(std::string_view name, std::string value, std::string allowed) {
    described_.push_back({joined({inside_, name}), std::move(value), std::move(allowed)});
  }
  const field* take(std::string_view name) {
    for (std::size_t i = 0; i < given_.size(); ++i)
      if (given_[i].name == joined({inside_, name})) {
        taken_[i] = true;
        return &given_[i];
      }
    return nullptr;
  }
  template <class Value>
  [[noreturn]] void refuse_value(const Value& value) const {
    refuse(joined({"the field ", described_.back().name, " of ", member_}), value, described_.back().allowed);
  }
  [[nodiscard]] double number_of(const field& f) const {
    if (!f.word.empty()) refuse_value(f.word);
    return f.number;
  }
  [[nodiscard]] int whole_number_of(const field& f) const {
    const double number = number_of(f);
    using limits = std::numeric_limits<int>;
    if (!is_finite(number) || number < limits::min() || number > limits::max() || number != std::floor(number))
      refuse_value(number);
    return static_cast<int>(number);
  }
  [[nodiscard]] int chosen(std::string_view name, int value, std::span<const enumerator> words) {
    std::string_view now;
    std::string allowed;
    for (const enumerator& e : words) {
      if (e.value == value && now.empty()) now = e.word;
      allowed += joined({allowed.empty() ? "" : ", ", e.word});
    }
    describe(name, std::string(now), std::move(allowed));
    if (const field* f = take(name)) {
      for (const enumerator& e : words)
        if (e.word == f->word) return e.value;
      if (f->word.empty()) refuse_value(f->number);
      refuse_value(f->word);
    }
    return value;
  }

  struct another_default {
    std::string inside;
    std::string_view name;
    double value;
  };
  std::string_view member_;
  std::vector<another_default> usual_;
  std::string inside_;  // "grid." while the fields of a field `grid` are named
  const std::vector<field>& given_;
  std::vector<bool> taken_;
  std::vector<field_description> described_;
};

[[nodiscard]] std::string names_of(const auto& all) {
  std::string names;
  for (const auto& member : all) names += joined({names.empty() ? "" : ", ", member.name});
  return names;
}

/// The one of a room's list that has the name. Throws std::invalid_argument, which lists all names.
[[nodiscard]] const auto& found(const auto& all, std::string_view what, std::string_view name) {
  for (const auto& member : all)
    if (member.name == name) return member;
  refuse(joined({"the name of a ", what}), name, names_of(all));
}

template <class List>
auto given_fields::member(std::string_view name, std::string_view usual, const List& all, std::string_view what) {
  describe(name, std::string(usual), names_of(all));
  const field* f = take(name);
  if (f != nullptr && f->word.empty()) refuse_value(f->number);
  const auto& chosen = found(all, what, f == nullptr ? usual : f->word);
  described_.back().value = chosen.name;
  const std::string outside = inside_;
  inside_ = joined({outside, name, "."});
  auto value = chosen.read(*this);
  inside_ = outside;
  return value;
}

}  // namespace detail

/// A member of a room by its name, without its type: what `by_name` chooses from. `Any` is what holds any of them.
template <class Any>
struct named_member {
  std::string_view name;

  /// It with these fields. Throws std::invalid_argument for fields that it does not have, listing its own.
  [[nodiscard]] Any with(const std::vector<field>& fields) const {
    detail::given_fields given(name, fields);
    Any member = read(given);
    given.finish();
    return member;
  }
  /// Its fields that `with` can set, and their defaults.
  [[nodiscard]] std::vector<field_description> fields() const {
    const std::vector<field> none;
    detail::given_fields given(name, none);
    (void)read(given);
    return given.described();
  }

  Any (*read)(detail::given_fields&);
};

}  // namespace fokker::inline v0
