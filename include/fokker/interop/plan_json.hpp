// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0::plan {

namespace json_form {

inline constexpr int newest = 1;

/// An object of JSON that is written or read field by field, in one order for both. It knows where it stands.
template <bool Reading>
class object {
 public:
  static constexpr bool reading = Reading;
  using json = std::conditional_t<Reading, const nlohmann::json, nlohmann::json>;

  explicit object(json& value, std::string_view name = "the plan", const object* within = nullptr,
                  std::size_t index = none)
      : value_(&value), name_(name), within_(within), index_(index) {
    if constexpr (!Reading)
      value = nlohmann::json::object();
    else if (!value.is_object())
      refuse(value, "an object");
  }
  object(const object&) = delete;
  object& operator=(const object&) = delete;
  /// To be called behind the last field: throws where there are others.
  void end() const {
    if constexpr (Reading)
      for (const auto& [name, value] : value_->items())
        if (std::find(read_.begin(), read_.end(), name) == read_.end()) refuse_in(name, value, "no such field");
  }

  void field(const char* name, double& number) { exchange(member(name), name, number); }
  void field(const char* name, bool& truth) {
    json& value = member(name);
    if constexpr (!Reading) {
      value = truth;
    } else {
      if (!value.is_boolean()) refuse_in(name, value, "true or false");
      truth = value.template get<bool>();
    }
  }
  void field(const char* name, std::string& word) { exchange(member(name), name, word); }
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) void field(const char* name,
                                                                                     Integer& number) {
    exchange(member(name), name, number);
  }
  /// An enumeration, by the words for its values.
  template <class Enum, std::size_t N>
  void field(const char* name, Enum& one, const std::array<const char*, N>& words) {
    json& value = member(name);
    if constexpr (!Reading) {
      value = detail::nth(words, one);
    } else {
      std::string allowed;
      for (std::size_t i = 0; i < N; ++i) {
        if (value == words[i]) return void(one = static_cast<Enum>(i));
        allowed += (i == 0 ? "" : ", ") + std::string(words[i]);
      }
      refuse_in(name, value, allowed);
    }
  }
  /// A field that may be missing: whether it is there.
  [[nodiscard]] bool has(const char* name, [[maybe_unused]] bool present) const {
    if constexpr (Reading) return value_->contains(name);
    return present;
  }
  template <class Inner>
  void inner(const char* name, Inner& of) {
    object o(member(name), name, this);
    exchange_object(o, of);
    o.end();
  }
  /// A list that grows with what is read.
  template <class T>
  void list(const char* name, std::vector<T>& all) {
    json& value = list_member(name, (std::numeric_limits<std::size_t>::max)());
    if constexpr (Reading) all.resize(value.size());
    for (std::size_t i = 0; i < all.size(); ++i) element(value, name, i, all[i]);
  }
  /// A list of at most as many elements as the array has.
  template <class T, std::size_t N>
  void list(const char* name, std::array<T, N>& all, int& count) {
    json& value = list_member(name, N);
    if constexpr (Reading) count = static_cast<int>(value.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) element(value, name, i, all[i]);
  }
  /// A list of as many elements as are known.
  template <class T, std::size_t N>
  void known(const char* name, std::array<T, N>& all, int count) {
    int found = count;
    list(name, all, found);
    if (found != count) refuse_in(name, *value_, "a list of " + detail::text(count));
  }

 private:
  static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();

  json& member(const char* name) {
    if constexpr (!Reading) {
      return (*value_)[name];
    } else {
      read_.emplace_back(name);
      const auto found = value_->find(name);
      if (found == value_->end()) detail::refuse(path() + "." + name, "not given", "a plan that to_json wrote");
      return *found;
    }
  }
  json& list_member(const char* name, std::size_t most) {
    json& value = member(name);
    if constexpr (!Reading)
      value = nlohmann::json::array();
    else if (!value.is_array() || value.size() > most)
      refuse_in(name, value, most == none ? "a list" : "a list of at most " + detail::text(most));
    return value;
  }
  template <class T>
  void element(json& list, const char* name, std::size_t i, T& of) {
    json& value = [&]() -> json& {
      if constexpr (Reading)
        return list[i];
      else
        return list.emplace_back();
    }();
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      exchange(value, name, of);
    } else {
      object o(value, name, this, i);
      exchange_object(o, of);
      o.end();
    }
  }

  /// NaN is null, and infinity a word: JSON has neither.
  void exchange(json& value, const char* name, double& number) const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if constexpr (!Reading) {
      if (detail::is_nan(number))
        value = nullptr;
      else if (detail::is_finite(number))
        value = number;
      else
        value = number > 0 ? "inf" : "-inf";
    } else if (value.is_null()) {
      number = std::numeric_limits<double>::quiet_NaN();
    } else if (value == "inf" || value == "-inf") {
      number = value == "inf" ? infinity : -infinity;
    } else {
      if (!value.is_number()) refuse_in(name, value, "a number");
      number = value.template get<double>();
    }
  }
  void exchange(json& value, const char* name, std::string& word) const {
    if constexpr (!Reading) {
      value = word;
    } else {
      const bool fits = value.is_string() &&
                        value.template get_ref<const std::string&>().find_first_of(" \t\n\r") == std::string::npos;
      if (!fits) refuse_in(name, value, "a word");
      word = value.template get<std::string>();
    }
  }
  template <class Integer>
  requires(std::is_integral_v<Integer>) void exchange(json& value, const char* name, Integer& number) const {
    if constexpr (!Reading) {
      value = number;
    } else {
      constexpr auto least = (std::numeric_limits<Integer>::min)(), most = (std::numeric_limits<Integer>::max)();
      const bool fits = value.is_number_unsigned()
                            ? value.template get<std::uint64_t>() <= std::uint64_t{most}
                            : value.is_number_integer() && value.template get<std::int64_t>() >= std::int64_t{least};
      if (!fits)
        refuse_in(name, value,
                  detail::joined({"a whole number from ", detail::text(least), " to ", detail::text(most)}));
      number = value.template get<Integer>();
    }
  }

  [[nodiscard]] std::string path() const {
    std::string all = within_ == nullptr ? std::string(name_) : within_->path() + "." + std::string(name_);
    if (index_ != none) all += "[" + detail::text(index_) + "]";
    return all;
  }
  [[noreturn]] void refuse(const nlohmann::json& value, std::string_view allowed) const {
    detail::refuse(path(), interop::shown(value), allowed);
  }
  [[noreturn]] void refuse_in(std::string_view name, const nlohmann::json& value, std::string_view allowed) const {
    detail::refuse(detail::joined({path(), ".", interop::shortened(std::string(name))}), interop::shown(value),
                   allowed);
  }

  json* value_;
  std::string_view name_;
  const object* within_;
  std::size_t index_;
  std::vector<std::string_view> read_;
};

inline constexpr std::array<const char*, 3> places{"buffer", "output", "given"};
inline constexpr std::array<const char*, 4> operands{"input", "earlier", "normal", "one"};
inline constexpr std::array<const char*, 3> found{"dot", "sum", "quantile"};
inline constexpr std::array<const char*, 19> operations{
    "constant", "count",  "found",       "load",      "add",  "subtract", "multiply", "quotient", "root",      "least",
    "largest",  "choose", "exponential", "logarithm", "keep", "store",    "cosine",   "sine",     "arc_cosine"};

template <class Object>
void exchange_object(Object& o, level& l) {
  o.field("time", l.time);
  o.field("alpha", l.alpha);
  o.field("sigma", l.sigma);
  o.field("alpha_rate", l.alpha_rate);
  o.field("sigma_rate", l.sigma_rate);
  o.field("label", l.label);
}
template <class Object>
void exchange_object(Object& o, axes& a) {
  o.field("first", a.first);
  o.field("count", a.count);
}
template <class Object>
void exchange_object(Object& o, table& t) {
  o.inner("over", t.over);
  o.field("name", t.name);
}
template <class Object>
void exchange_object(Object& o, kept_number& n) {
  o.inner("over", n.over);
  o.field("name", n.name);
}
template <class Object>
void exchange_object(Object& o, operand& in) {
  o.field("where", in.where, places);
  o.field("index", in.index);
}
template <class Object>
void exchange_object(Object& o, normal& z) {
  o.field("stream", z.stream);
  o.field("id", z.id);
  o.field("visit", z.visit);
  o.field("from", z.from);
  o.field("to", z.to);
  if (!o.has("learned", z.learned >= 0)) return;
  o.field("learned", z.learned);
  o.field("slope", z.slope);
  o.field("offset", z.offset);
}
template <class Object>
void exchange_object(Object& o, factor& f) {
  o.field("of", f.of, operands);
  o.field("row", f.row);
  o.field("index", f.index);
  o.field("table", f.table);
  o.field("by", f.by);
}
/// A row with the counts of its update.
struct counted_row {
  row* of = nullptr;
  int inputs = 0, earlier = 0, normals = 0;
};
template <class Object>
void exchange_object(Object& o, counted_row& r) {
  o.field("buffer", r.of->buffer);
  if (o.has("clamp", r.of->clamp < row::unclamped)) o.field("clamp", r.of->clamp);
  o.known("inputs", r.of->inputs, r.inputs);
  o.known("earlier", r.of->earlier, r.earlier);
  o.known("normals", r.of->normals, r.normals);
}
template <class Object>
void exchange_object(Object& o, update& u) {
  o.list("inputs", u.inputs, u.input_count);
  o.list("normals", u.normals, u.normal_count);
  std::array<counted_row, max_rows> rows;
  for (int j = 0; j < max_rows; ++j) nth(rows, j) = {&nth(u.rows, j), u.input_count, j, u.normal_count};
  o.list("rows", rows, u.row_count);
  o.list("tables", u.tables);
  o.list("factors", u.factors);
}
template <class Object>
void exchange_object(Object& o, measured& m) {
  o.field("what", m.what, found);
  o.field("a", m.a);
  o.field("b", m.b);
  o.inner("over", m.over);
  o.field("q", m.q);
}
template <class Object>
void exchange_object(Object& o, operation& one) {
  o.field("what", one.what, operations);
  int* const operands_of_one[] = {&one.a, &one.b, &one.c, &one.d};
  const char* const names[] = {"a", "b", "c", "d"};
  for (int k = 0; k < operand_count(one.what); ++k) o.field(names[k], *operands_of_one[k]);
  if (o.has("index", one.index != -1)) o.field("index", one.index);
  if (one.what == operation::constant) o.field("value", one.value);
}
template <class Object>
void exchange_object(Object& o, measure& m) {
  o.inner("form", m.form);
  o.list("of", m.of);
  o.list("tape", m.tape);
}
template <class Object>
void exchange_object(Object& o, prediction_row& r) {
  o.field("data", r.data);
  o.field("noise", r.noise);
}
template <class Object>
void exchange_object(Object& o, call& c) {
  o.field("step", c.step);
  o.inner("at", c.at);
  if (o.has("to", c.to.has_value())) o.inner("to", c.to ? *c.to : c.to.emplace());
  o.inner("predicts", c.predicts);
  o.field("input_scale", c.input_scale);
  o.field("input", c.input);
  o.field("raw", c.raw);
  o.field("preview", c.preview);
  o.list("measures", c.measures);
  o.inner("then", c.then);
}
template <class Object>
void exchange_object(Object& o, program& p) {
  std::string format = "fokker-plan";
  int version = newest;
  o.field("format", format);
  o.field("version", version);
  if (format != "fokker-plan") detail::refuse("the plan.format", format, "fokker-plan");
  if (version != newest) detail::refuse("the plan.version", version, detail::text(newest));
  o.field("predicts", p.predicts);
  o.field("buffers", p.buffers);
  o.field("branches", p.branches);
  o.field("preview", p.preview);
  o.list("tables", p.tables);
  o.list("scalars", p.scalars);
  o.list("givens", p.givens);
  o.list("levels", p.levels);
  o.inner("draw", p.draw);
  o.inner("enter", p.enter);
  o.list("calls", p.calls);
}

}  // namespace json_form

/// The plan as JSON, whose numbers read back to the bit; NaN is null.
[[nodiscard]] inline std::string to_json(program p) {
  nlohmann::json all;
  json_form::object<false> o(all);
  json_form::exchange_object(o, p);
  return all.dump();
}

/// Reads what `to_json` wrote. Throws std::invalid_argument naming the field, its value and what is allowed, or what
/// `require_valid` says: the result is as valid as a plan that was made here.
[[nodiscard]] inline program from_json(std::string_view text) {
  const nlohmann::json all = nlohmann::json::parse(text, nullptr, false);
  if (all.is_discarded()) detail::refuse("the plan", "no JSON", "a plan that to_json wrote");
  program p;
  json_form::object<true> o(all);
  json_form::exchange_object(o, p);
  o.end();
  for (const call& c : p.calls)
    if (!p.preview && c.preview != -1)
      detail::refuse("the plan.calls[].preview", c.preview, "-1 in a plan without previews");
  require_valid(p);
  return p;
}

}  // namespace fokker::inline v0::plan
