// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::plan {

/// One pass over a program: what each part of it may be, and which buffers hold something by then.
class validation {
 public:
  explicit validation(const program& p) : p_(p) {}

  void operator()() {
    std::vector<level> levels = p_.levels;
    if (detail::towards_noise(levels)) std::reverse(levels.begin(), levels.end());
    detail::require_levels(levels);
    if (p_.calls.empty()) refuse("the number of calls", 0, "1 or more");
    // No more than could be written: what is claimed costs memory.
    std::size_t updates = p_.calls.size() + 1;
    for (const call& c : p_.calls) updates += c.measures.size();
    whole("the number of buffers", p_.buffers, 1, max_rows * static_cast<long long>(updates) + 1);

    call_ = start;
    kept_.assign(p_.scalars.size(), false);
    for (const table& t : p_.tables) along("the axes of a table", t.over);
    for (const kept_number& n : p_.scalars) along("the axes of a number", n.over);
    stored_.assign(p_.tables.size(), false);
    filled_.assign(static_cast<std::size_t>(p_.buffers), false);
    pass(p_.draw, 0);
    const std::vector<char> drawn = filled_;
    filled_.assign(filled_.size(), false);
    filled_[0] = true;
    pass(p_.enter, 0);
    for (std::size_t b = 0; b < filled_.size(); ++b)
      if (!drawn[b]) filled_[b] = false;

    for (call_ = 0; call_ < static_cast<int>(p_.calls.size()); ++call_) pass(nth(p_.calls, call_));
    call_ = nowhere;
    // One update of a guidance reads 8 branches; more than these are there only where they are read.
    whole("the number of branches", p_.branches, 1, (std::max)(max_inputs, branches_));
    for (int b = 0; b < p_.buffers; ++b)
      if (!nth(filled_, b)) refuse("the number of buffers", p_.buffers, "those that the program writes");
    if (p_.error != -1) filled("the buffer of the error", p_.error);
  }

 private:
  enum : int { nowhere = -2, start = -1 };

  template <class Value>
  [[noreturn]] void refuse(std::string_view what, const Value& value, std::string_view allowed) const {
    std::string where;
    if (call_ == start) where = "before the first call: ";
    if (call_ >= 0)
      where = detail::joined(
          {"call ", detail::text(call_), ", at time ", detail::text(nth(p_.calls, call_).at.time), ": "});
    detail::refuse(where.append(what), value, allowed);
  }
  void whole(std::string_view what, long long value, long long least, long long most) const {
    if (value < least || value > most)
      refuse(what, value, detail::joined({detail::text(least), " to ", detail::text(most)}));
  }
  void finite(std::string_view what, double value) const {
    if (!detail::is_finite(value)) refuse(what, value, "a finite number");
  }
  void number(std::string_view what, double value, double least = -detail::largest_number) const {
    if (!detail::fits_float(value) || value < least)
      refuse(what, value, detail::joined({detail::text(least), " to ", detail::text(detail::largest_number)}));
  }
  void filled(std::string_view what, int buffer) const {
    whole(what, buffer, 0, p_.buffers - 1);
    if (!nth(filled_, buffer)) refuse(what, buffer, "one that was written before");
  }

  void along(std::string_view what, const axes& over) const {
    if (over.first < 0 || over.count < 0 || (over.count == 0 && over.first != 0) || over.first > 63 || over.count > 64)
      refuse(what, over.first, "0 to 63 and a count of them, {0, 0} for none");
  }

  /// What multiplies the weights of an update; tables are filled by the measure of the call.
  void pass_factors(const update& u) const {
    whole("the number of tables", static_cast<long long>(u.tables.size()), 0, max_tables);
    for (const int t : u.tables) {
      whole("a table", t, 0, static_cast<long long>(p_.tables.size()) - 1);
      if (nth(p_.tables, t).name.empty() && !nth(stored_, t))
        refuse("a table", t, "one that the measure of its call fills");
    }
    for (std::size_t i = 0; i < u.factors.size(); ++i) {
      const factor& f = u.factors[i];
      whole("the kind of a factor", f.of, factor::input, factor::one);
      whole("the row of a factor", f.row, 0, u.row_count - 1);
      whole("what a factor multiplies", f.index, 0,
            f.of == factor::input     ? u.input_count - 1
            : f.of == factor::earlier ? f.row - 1
            : f.of == factor::normal  ? u.normal_count - 1
                                      : 0);
      whole("the table of a factor", f.table, 0, static_cast<long long>(u.tables.size()) - 1);
      number("a factor", f.by);
      for (std::size_t j = 0; j < i; ++j)
        if (const factor& g = u.factors[j]; g.of == f.of && g.row == f.row && g.index == f.index)
          refuse("the number of factors of a weight", 2, "0 to 1");
    }
  }

  /// A measure: rows that it forms, numbers that it finds of them, and what becomes of these.
  void pass(const measure& m) {
    update form = m.form;  // its rows are written nowhere, but for those that quantiles are asked of
    std::array<bool, max_rows> in_memory{};
    if (form.row_count < 0 || form.row_count > max_rows) refuse("the number of rows", form.row_count, "0 to 5");
    for (const measured& found : m.of) {
      whole("the kind of a number", found.what, measured::dot, measured::quantile);
      whole("the row of a number", found.a, 0, form.row_count - 1);
      whole("the row of a number", found.b, 0, form.row_count - 1);
      along("the axes of a number", found.over);
      if (found.what != measured::quantile) {
        if (!form.factors.empty()) refuse("the factors of a measure", form.factors.size(), "0, but of quantiles alone");
        continue;
      }
      if (!(detail::is_finite(found.q) && found.q >= 0 && found.q <= 1)) refuse("a quantile", found.q, "0 to 1");
      nth(in_memory, found.a) = true;
    }
    for (int j = 0; j < form.row_count; ++j) {
      int& buffer = nth(form.rows, j).buffer;
      whole("the buffer of a row of a measure", buffer, nth(in_memory, j) ? 0 : -1,
            nth(in_memory, j) ? p_.buffers - 1 : -1);
    }
    const std::vector<char> before = filled_;
    for (int j = 0; j < form.row_count; ++j)
      if (nth(form.rows, j).buffer < 0) nth(form.rows, j).buffer = 0;
    pass(form, p_.branches);
    filled_ = before;
    for (int j = 0; j < m.form.row_count; ++j)
      if (nth(m.form.rows, j).buffer >= 0) nth(filled_, nth(m.form.rows, j).buffer) = true;

    whole("the number of operations", static_cast<long long>(m.tape.size()), 1, max_operations);
    axes over;
    const auto joins = [&](const axes& other) {
      if (other == axes{}) return;
      if (over != axes{} && over != other) refuse("the axes of a number", other.first, "those of the others");
      over = other;
    };
    for (const measured& found : m.of) joins(found.over);
    for (std::size_t i = 0; i < m.tape.size(); ++i) {
      const operation& o = m.tape[i];
      whole("the kind of an operation", o.what, operation::constant, operation::arc_cosine);
      const int operands[] = {o.a, o.b, o.c, o.d};
      for (int k = 0; k < 4; ++k)
        whole("the operand of an operation", operands[k], k < operand_count(o.what) ? 0 : -1,
              k < operand_count(o.what) ? static_cast<long long>(i) - 1 : -1);
      for (int k = 0; k < operand_count(o.what); ++k)
        if (nth(m.tape, operands[k]).what == operation::store || nth(m.tape, operands[k]).what == operation::keep)
          refuse("the operand of an operation", operands[k], "one that has a result");
      if (o.what == operation::constant) finite("a number", o.value);
      if (o.what == operation::found || o.what == operation::count)
        whole("what was found", o.index, 0, static_cast<long long>(m.of.size()) - 1);
      if (o.what == operation::load || o.what == operation::keep) {
        whole("the kept number", o.index, 0, static_cast<long long>(p_.scalars.size()) - 1);
        if (o.what == operation::load && !nth(kept_, o.index))
          refuse("the kept number", o.index, "one that was kept before");
        joins(nth(p_.scalars, o.index).over);
      }
      if (o.what == operation::store) {
        whole("a table", o.index, 0, static_cast<long long>(p_.tables.size()) - 1);
        if (!nth(p_.tables, o.index).name.empty())
          refuse("a table", nth(p_.tables, o.index).name, "none of the caller's");
        joins(nth(p_.tables, o.index).over);
        nth(stored_, o.index) = true;
      }
    }
    for (const operation& o : m.tape)
      if (o.what == operation::keep) nth(kept_, o.index) = true;
  }

  /// An update, where `branches` outputs can be read; what it writes is filled from then on.
  void pass(const update& u, int branches) {
    whole("the number of operands", u.input_count, 0, max_inputs);
    whole("the number of normals", u.normal_count, 0, max_normals);
    whole("the number of results", u.row_count, 0, max_rows);
    pass_factors(u);
    std::array<bool, max_inputs> read{};
    for (const factor& f : u.factors)
      if (f.of == factor::input) nth(read, f.index) = true;
    for (int q = 0; q < u.normal_count; ++q) {
      const normal& z = nth(u.normals, q);
      whole("the operand of a learned deviation", z.learned, -1, u.input_count - 1);
      if (z.learned >= 0) nth(read, z.learned) = true;
      number("the slope of a learned deviation", z.slope);
      number("the offset of a learned deviation", z.offset);
      for (const double position : {z.from, z.to})
        if (detail::is_nan(position) || position < 0) refuse("the place of a normal", position, "a number >= 0");
    }
    for (int j = 0; j < u.row_count; ++j) {
      const row& r = nth(u.rows, j);
      whole("the buffer of a result", r.buffer, 0, p_.buffers - 1);
      if (!detail::is_finite(r.clamp) || r.clamp < 0) refuse("a clamp", r.clamp, "a number >= 0");
      for (int k = 0; k < u.input_count; ++k) {
        number("a coefficient", nth(r.inputs, k));
        if (nth(r.inputs, k) != 0) nth(read, k) = true;
      }
      for (int i = 0; i < j; ++i) number("a coefficient", nth(r.earlier, i));
      for (int q = 0; q < u.normal_count; ++q) number("a coefficient", nth(r.normals, q));
    }
    for (int k = 0; k < u.input_count; ++k) {
      const operand& in = nth(u.inputs, k);
      if (in.where == operand::output) {
        whole("a branch", in.index, 0, branches - 1);
        branches_ = (std::max)(branches_, in.index + 1);
      } else if (in.where == operand::given) {
        whole("what is given", in.index, 0, static_cast<long long>(p_.givens.size()) - 1);
      } else if (nth(read, k)) {
        filled("the buffer of an operand", in.index);
      } else {
        whole("the buffer of an operand", in.index, 0, p_.buffers - 1);
      }
    }
    for (int j = 0; j < u.row_count; ++j) nth(filled_, nth(u.rows, j).buffer) = true;
  }

  void pass(const level& l) const {
    finite("the time", l.time);
    finite("the label", l.label);
    number("alpha", l.alpha, 0);
    number("sigma", l.sigma, 0);
    if (l.alpha == 0 && l.sigma == 0) refuse("alpha and sigma", 0, "not both 0");
  }
  void pass(const call& c) {
    pass(c.at);
    if (c.to) pass(*c.to);
    number("the data's part in the prediction", c.predicts.data);
    number("the noise's part in the prediction", c.predicts.noise);
    number("the input's scale", c.input_scale, 0);
    if (c.input_scale == 0) refuse("the input's scale", 0, "a number > 0");
    whole("the step", c.step, 0, p_.steps() - 1);
    filled("the buffer that the network reads", c.input);
    stored_.assign(p_.tables.size(), false);
    for (const measure& m : c.measures) pass(m);
    pass(c.then, p_.branches);
    if (p_.preview || c.preview != -1) filled("the buffer of the preview", c.preview);
  }

  const program& p_;
  std::vector<char> filled_;
  int call_ = nowhere;        // what is looked at
  int branches_ = 0;          // read so far
  std::vector<char> stored_;  // tables that the measure of the call fills
  std::vector<char> kept_;    // numbers that were kept so far
};

/// A template, so that fokker::compiled can have it.
template <class Program>
void validate(const Program& p) {
  validation{p}();
}
#if defined(FOKKER_COMPILED)
extern template void validate(const program&);
#endif

/// Throws std::invalid_argument naming the call and what is wrong with it, unless levels are in order, indices in
/// range, numbers such that float holds them, and no buffer is read before it is written or claimed without use.
inline void require_valid(const program& p) { validate(p); }

}  // namespace fokker::inline v0::plan
