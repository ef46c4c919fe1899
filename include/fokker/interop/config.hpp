// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::interop {

/// A config file's text: JSON, and the numbers that Python writes beside it (NaN, Infinity, -Infinity), which become
/// strings. Throws std::invalid_argument for anything else.
[[nodiscard]] inline nlohmann::json parse_config(std::string_view text) {
  std::string json;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string_view number;
    if (!quoted)
      for (const std::string_view python : {"-Infinity", "Infinity", "NaN"})
        if (number.empty() && text.substr(i, python.size()) == python) number = python;
    if (!number.empty()) {
      json += fokker::detail::joined({"\"", number, "\""});
      i += number.size() - 1;
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    json += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size()) json += text[++i];
  }
  nlohmann::json config = nlohmann::json::parse(json, nullptr, false);
  if (config.is_discarded()) fokker::detail::refuse("the config", "no JSON", "the text of a scheduler_config.json");
  return config;
}

/// The beginning of a text for a message, whole characters of UTF-8.
[[nodiscard]] inline std::string shortened(std::string text) {
  std::size_t end = 80;
  if (text.size() <= end) return text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

/// A value for a message, whatever is in it: JSON where that is flat, else what it is.
[[nodiscard]] inline std::string shown(const nlohmann::json& value) {
  const bool list = value.is_array();
  const auto nested = [](const nlohmann::json& v) { return v.is_structured(); };
  if (value.is_structured() && (value.size() > 8 || std::any_of(value.begin(), value.end(), nested)))
    return fokker::detail::joined({list ? "a list of " : "an object of ", fokker::detail::text(value.size())});
  return shortened(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// The fields of a config, each read by its name: a field that is absent or null has the default of its peer. Throws
/// std::invalid_argument naming the field, its value and what is allowed.
class config {
 public:
  explicit config(const nlohmann::json& fields) : fields_(fields) {
    if (!fields_.is_object()) fokker::detail::refuse("the config", shown(fields_), "a JSON object");
  }

  [[nodiscard]] bool has(const char* key) { return find(key) != nullptr; }
  [[nodiscard]] bool flag(const char* key, bool standard) {
    const nlohmann::json* v = find(key);
    if (v == nullptr) return standard;
    if (!v->is_boolean()) refuse(key, "true or false");
    return v->get<bool>();
  }
  [[nodiscard]] double number(const char* key, double standard) {
    const nlohmann::json* v = find(key);
    if (v == nullptr) return standard;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (*v == "inf" || *v == "Infinity") return infinity;
    if (*v == "-inf" || *v == "-Infinity") return -infinity;
    if (!v->is_number()) refuse(key, "a number");
    return v->get<double>();
  }
  [[nodiscard]] double positive(const char* key, double standard) {
    const double value = number(key, standard);
    if (!(fokker::detail::is_finite(value) && value > 0)) refuse(key, "a number > 0");
    return value;
  }
  [[nodiscard]] int whole(const char* key, int standard, int least, int most) {
    const nlohmann::json* v = find(key);
    if (v == nullptr) return standard;
    const double value = v->is_number() ? v->get<double>() : 0.5;
    if (!(value >= least && value <= most && value == std::floor(value)))
      refuse(key, fokker::detail::joined(
                      {"a whole number from ", fokker::detail::text(least), " to ", fokker::detail::text(most)}));
    return static_cast<int>(value);
  }
  [[nodiscard]] std::vector<double> numbers(const char* key) {
    std::vector<double> values;
    if (const nlohmann::json* v = find(key)) {
      const bool list = v->is_array() && std::all_of(v->begin(), v->end(), [](const auto& e) { return e.is_number(); });
      if (!list) refuse(key, "a list of numbers");
      for (const nlohmann::json& e : *v) values.push_back(e.get<double>());
    }
    return values;
  }
  /// One of the words of `allowed`.
  [[nodiscard]] std::string required_word(const char* key, const std::vector<std::string_view>& allowed) {
    const nlohmann::json* v = find(key);
    std::string list;
    for (std::size_t i = 0; i < allowed.size(); ++i) {
      if (v != nullptr && *v == allowed[i]) return std::string(allowed[i]);
      const bool named = i > 0 && allowed[i] == allowed.front();  // a default may be put before its list
      if (!named) list += (list.empty() ? "" : ", ") + std::string(allowed[i]);
    }
    refuse(key, list);
  }
  /// The same, the first of them being the default.
  [[nodiscard]] std::string word(const char* key, const std::vector<std::string_view>& allowed) {
    return has(key) ? required_word(key, allowed) : std::string(allowed.front());
  }
  /// A field that is understood at its default only.
  void only(const char* key, const nlohmann::json& standard) {
    const nlohmann::json* v = find(key);
    if (v != nullptr && *v != standard) refuse(key, standard.dump());
  }
  /// A field that changes nothing here.
  void skip(const char* key) { (void)find(key); }

  [[noreturn]] void refuse(const char* key, std::string_view allowed) const {
    fokker::detail::refuse(shortened(key), fields_.contains(key) ? shown(fields_.at(key)) : "not given", allowed);
  }

  /// The fields that nothing has read yet.
  [[nodiscard]] std::vector<std::string> unread() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : fields_.items())
      if (std::find(read_.begin(), read_.end(), name) == read_.end()) names.push_back(name);
    return names;
  }

 private:
  [[nodiscard]] const nlohmann::json* find(const char* key) {
    read_.emplace_back(key);
    const auto found = fields_.find(key);
    return found == fields_.end() || found->is_null() ? nullptr : &*found;
  }

  const nlohmann::json& fields_;
  std::vector<std::string> read_;
};

}  // namespace fokker::inline v0::interop
