// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0::plan {

namespace text_form {

/// What is written. Text 1, which tells no places of normals, no second levels and no measures, is read too.
inline constexpr int newest = 2;

/// Writes and reads fields in one order, so that the two directions cannot drift apart.
class text_writer {
 public:
  static constexpr bool reading = false;
  int version = newest;
  void word(std::string_view w) {
    if (!out_.empty() && out_.back() != '\n') out_ += ' ';
    out_ += w;
  }
  void line() { out_ += '\n'; }
  void field(double& value) {
    if (detail::is_nan(value)) return word("nan");  // of which processors make two, that print as nan and -nan
    char buffer[40];
    word({buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::hex).ptr});
  }
  template <class Integer>
  void field(Integer& value, long long, long long) {
    word(detail::text(value));
  }
  void name(std::string& value) { word(value); }
  [[nodiscard]] std::string take() && { return static_cast<std::string&&>(out_); }

 private:
  std::string out_;
};

class text_reader {
 public:
  static constexpr bool reading = true;
  int version = newest;
  explicit text_reader(std::string_view text) : rest_(text) {}

  void word(std::string_view expected) {
    if (const auto found = next(); found != expected) fail(detail::joined({"'", expected, "'"}), found);
  }
  void line() {
    if (rest_.empty() || rest_.front() != '\n') fail("the end of the line", rest_.substr(0, 20));
    rest_.remove_prefix(1);
    ++line_;
  }
  void field(double& value) {
    const auto found = next();
    const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), value, std::chars_format::hex);
    if (error != std::errc{} || end != found.data() + found.size()) fail("a hexadecimal number", found);
  }
  template <class Integer>
  void field(Integer& value, long long least, long long most) {
    const auto found = next();
    long long number = 0;
    const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), number);
    if (error != std::errc{} || end != found.data() + found.size() || number < least || number > most)
      fail(detail::joined({"a whole number from ", detail::text(least), " to ", detail::text(most)}), found);
    value = static_cast<Integer>(number);
  }
  void name(std::string& value) {
    value = next();
    if (value.empty()) fail("a name", value);
  }
  void end() {
    if (!rest_.empty()) fail("the end of the text", rest_.substr(0, 20));
  }

 private:
  std::string_view next() {
    if (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    const auto length = rest_.find_first_of(" \n");
    const auto found = rest_.substr(0, length);
    rest_.remove_prefix(found.size());
    return found;
  }
  [[noreturn]] void fail(std::string_view expected, std::string_view found) const {
    const auto seen = found.substr(0, 40);  // a token may be as long as the text
    throw std::invalid_argument(detail::joined({"fokker: line ", detail::text(line_), " of the plan: expected ",
                                                expected, ", found '", seen, seen == found ? "'" : "...'"}));
  }
  std::string_view rest_;
  int line_ = 1;
};

template <class Text>
void exchange(Text& t, level& l) {
  for (double* value : {&l.time, &l.alpha, &l.sigma, &l.alpha_rate, &l.sigma_rate, &l.label}) t.field(*value);
}

template <class Text>
void exchange(Text& t, axes& over) {
  t.field(over.first, 0, 63);
  t.field(over.count, 0, 64);
}

/// An element of a list at its place; it grows with the text, never ahead of it.
template <class Text, class List>
auto& one_more(Text&, List& list, std::size_t i) {
  if constexpr (Text::reading) list.emplace_back();
  return list[i];
}

/// `tables` is how many the program has.
template <class Text>
void exchange(Text& t, update& u, int buffers, int branches, std::size_t tables = 0) {
  t.field(u.input_count, 0, max_inputs);
  t.field(u.normal_count, 0, max_normals);
  t.field(u.row_count, 0, max_rows);
  for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k) {
    t.field(u.inputs[k].where, operand::buffer, t.version == 1 ? operand::output : operand::given);
    const operand::place where = u.inputs[k].where;
    t.field(u.inputs[k].index, 0,
            where == operand::buffer   ? buffers - 1
            : where == operand::output ? branches - 1
                                       : 63);
  }
  for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q) {
    t.field(u.normals[q].stream, 0, 0xffffffffLL);
    t.field(u.normals[q].id, 0, 0xffffffffLL);
    t.field(u.normals[q].learned, -1, u.input_count - 1);
    if (u.normals[q].learned >= 0) {
      t.field(u.normals[q].slope);
      t.field(u.normals[q].offset);
    }
    if (t.version == 1) continue;
    t.field(u.normals[q].visit, 0, 0xffffffffLL);
    t.field(u.normals[q].from);
    t.field(u.normals[q].to);
  }
  for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j) {
    row& r = u.rows[j];
    t.field(r.buffer, -1, buffers - 1);
    t.field(r.clamp);
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k) t.field(r.inputs[k]);
    for (std::size_t i = 0; i < j; ++i) t.field(r.earlier[i]);
    for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q) t.field(r.normals[q]);
  }
  std::size_t read = u.tables.size(), factors = u.factors.size();
  if (t.version > 1) {
    t.field(read, 0, max_tables);
    t.field(factors, 0, max_rows * (max_inputs + max_rows + max_normals + 1));
  }
  for (std::size_t i = 0; i < read; ++i) t.field(one_more(t, u.tables, i), 0, static_cast<long long>(tables) - 1);
  for (std::size_t i = 0; i < factors; ++i) {
    factor& f = one_more(t, u.factors, i);
    t.field(f.of, factor::input, factor::one);
    t.field(f.row, 0, max_rows - 1);
    t.field(f.index, 0, max_inputs - 1);
    t.field(f.table, 0, static_cast<long long>(read) - 1);
    t.field(f.by);
  }
  t.line();
}

template <class Text>
void exchange(Text& t, measure& m, const program& p) {
  exchange(t, m.form, p.buffers, p.branches, p.tables.size());
  std::size_t found = m.of.size(), operations = m.tape.size();
  t.field(found, 0, max_measured);
  t.field(operations, 0, max_operations);
  for (std::size_t i = 0; i < found; ++i) {
    measured& number = one_more(t, m.of, i);
    t.field(number.what, measured::dot, measured::quantile);
    t.field(number.a, 0, max_rows - 1);
    t.field(number.b, 0, max_rows - 1);
    exchange(t, number.over);
    t.field(number.q);
  }
  for (std::size_t i = 0; i < operations; ++i) {
    operation& o = one_more(t, m.tape, i);
    t.field(o.what, operation::constant, operation::arc_cosine);
    for (int* operand : {&o.a, &o.b, &o.c, &o.d, &o.index}) t.field(*operand, -1, 0x7fffffff);
    t.field(o.value);
  }
  t.line();
}

/// Text 1 had thresholds in the place of measures: numbers, the row that they limit, and what writes its data. Which
/// row.
template <class Text>
int exchange_threshold(Text& t, program& p, call& c) {
  int thresholded = 0, row = -1;
  t.field(thresholded, 0, 1);
  if (thresholded == 0) return row;
  double q = 0, bound = 0, largest = 0;
  for (double* value : {&q, &bound, &largest}) t.field(*value);
  t.field(row, 0, max_rows - 1);
  update raw;
  exchange(t, raw, p.buffers, p.branches);
  if (p.tables.empty()) p.tables.emplace_back();
  c.measures = {threshold(std::move(raw), q, bound, largest, 0)};
  return row;
}
/// Which read them with a weight, that a table multiplies now.
inline void put_threshold(call& c, int row) {
  const operand raw{operand::buffer, c.measures.front().form.rows[0].buffer};
  c.then.tables = {0};
  for (int k = 0; k < c.then.input_count; ++k)
    if (nth(c.then.inputs, k) == raw)
      c.then.factors = {{.row = row, .index = k, .by = std::exchange(nth(nth(c.then.rows, row).inputs, k), 0.0)}};
}

template <class Text>
void exchange(Text& t, program& p) {
  constexpr long long many = 1'000'000;
  t.word("fokker-plan");
  t.field(t.version, 1, newest);
  t.line();
  std::size_t levels = p.levels.size(), calls = p.calls.size();
  t.field(levels, 2, many + 1);
  t.field(calls, 1, many);
  t.field(p.buffers, 1, many);
  t.field(p.branches, 1, many);
  t.field(p.preview, 0, 1);
  t.name(p.predicts);
  std::size_t tables = p.tables.size(), scalars = p.scalars.size();
  if (t.version > 1) {
    t.field(tables, 0, many);
    t.field(scalars, 0, many);
  }
  std::size_t givens = p.givens.size();
  if (t.version > 1) t.field(givens, 0, 64);
  const auto along = [&t](auto& numbers) {
    exchange(t, numbers.over);
    int named = !numbers.name.empty();
    t.field(named, 0, 1);
    if (named != 0) t.name(numbers.name);
  };
  for (std::size_t i = 0; i < tables; ++i) along(one_more(t, p.tables, i));
  for (std::size_t i = 0; i < scalars; ++i) along(one_more(t, p.scalars, i));
  for (std::size_t i = 0; i < givens; ++i) t.name(one_more(t, p.givens, i));
  t.line();
  for (std::size_t i = 0; i < levels; ++i) {
    exchange(t, one_more(t, p.levels, i));
    t.line();
  }
  exchange(t, p.draw, p.buffers, 0, tables);
  exchange(t, p.enter, p.buffers, 0, tables);
  for (std::size_t i = 0; i < calls; ++i) {
    call& c = one_more(t, p.calls, i);
    t.field(c.step, 0, many);
    exchange(t, c.at);
    int two_levels = c.to.has_value();
    if (t.version > 1) t.field(two_levels, 0, 1);
    if (two_levels != 0) exchange(t, c.to ? *c.to : c.to.emplace());
    t.field(c.predicts.data);
    t.field(c.predicts.noise);
    t.field(c.input_scale);
    t.field(c.input, 0, p.buffers - 1);
    t.field(c.preview, p.preview ? 0 : -1, p.preview ? p.buffers - 1 : -1);
    if (t.version > 1) t.field(c.raw, 0, 0xffffffffLL);
    std::size_t measures = c.measures.size();
    if (t.version > 1) t.field(measures, 0, max_tables);
    for (std::size_t m = 0; m < measures; ++m) exchange(t, one_more(t, c.measures, m), p);
    const int limited = t.version == 1 ? exchange_threshold(t, p, c) : -1;
    exchange(t, c.then, p.buffers, p.branches, p.tables.size());
    if (limited >= 0) put_threshold(c, limited);
  }
}

#if defined(FOKKER_COMPILED)
extern template void exchange(text_writer&, program&);
extern template void exchange(text_reader&, program&);
#endif

}  // namespace text_form

/// The plan as text, every number in hexadecimal: what is read back is the same to the bit.
[[nodiscard]] inline std::string to_text(program p) {
  text_form::text_writer t;
  text_form::exchange(t, p);
  return std::move(t).take();
}

/// Reads what `to_text` wrote. Throws std::invalid_argument naming the line, what was expected and what was found, or
/// what `require_valid` says: the result is as valid as a plan that was made here.
[[nodiscard]] inline program from_text(std::string_view text) {
  program p;
  text_form::text_reader t(text);
  text_form::exchange(t, p);
  t.end();
  require_valid(p);
  return p;
}

}  // namespace fokker::inline v0::plan
