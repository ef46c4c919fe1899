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
    const auto rows = static_cast<long long>(max_rows) * static_cast<long long>(p_.calls.size() + 1) +
                      static_cast<long long>(p_.thresholds.size());
    whole("the number of buffers", p_.buffers, 1, rows + 1);

    call_ = start;
    filled_.assign(static_cast<std::size_t>(p_.buffers), false);
    pass(p_.draw, 0);
    const std::vector<char> drawn = filled_;
    filled_.assign(filled_.size(), false);
    filled_[0] = true;
    pass(p_.enter, 0);
    for (std::size_t b = 0; b < filled_.size(); ++b)
      if (!drawn[b]) filled_[b] = false;

    for (call_ = 0; call_ < static_cast<int>(p_.calls.size()); ++call_) pass(at(p_.calls, call_));
    call_ = nowhere;
    // One update of a guidance reads 8 branches; more than these are there only where they are read.
    whole("the number of branches", p_.branches, 1, (std::max)(max_inputs, branches_));
    whole("the number of thresholds", static_cast<long long>(p_.thresholds.size()), thresholds_, thresholds_);
    for (int b = 0; b < p_.buffers; ++b)
      if (!at(filled_, b)) refuse("the number of buffers", p_.buffers, "those that the program writes");
    if (p_.error != -1) filled("the buffer of the error", p_.error);
  }

 private:
  enum : int { nowhere = -2, start = -1 };

  template <class Value>
  [[noreturn]] void refuse(std::string_view what, const Value& value, std::string_view allowed) const {
    std::string where;
    if (call_ == start) where = "before the first call: ";
    if (call_ >= 0)
      where =
          detail::joined({"call ", detail::text(call_), ", at time ", detail::text(at(p_.calls, call_).at.time), ": "});
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
    if (!at(filled_, buffer)) refuse(what, buffer, "one that was written before");
  }

  /// An update, where `branches` outputs can be read; what it writes is filled from then on.
  void pass(const update& u, int branches) {
    whole("the number of operands", u.input_count, 0, max_inputs);
    whole("the number of normals", u.normal_count, 0, max_normals);
    whole("the number of results", u.row_count, 0, max_rows);
    std::array<bool, max_inputs> read{};
    for (int q = 0; q < u.normal_count; ++q) {
      const normal& z = at(u.normals, q);
      whole("the operand of a learned deviation", z.learned, -1, u.input_count - 1);
      if (z.learned >= 0) at(read, z.learned) = true;
      number("the slope of a learned deviation", z.slope);
      number("the offset of a learned deviation", z.offset);
      for (const double position : {z.from, z.to})
        if (detail::is_nan(position) || position < 0) refuse("the place of a normal", position, "a number >= 0");
    }
    for (int j = 0; j < u.row_count; ++j) {
      const row& r = at(u.rows, j);
      whole("the buffer of a result", r.buffer, 0, p_.buffers - 1);
      if (!detail::is_finite(r.clamp) || r.clamp < 0) refuse("a clamp", r.clamp, "a number >= 0");
      for (int k = 0; k < u.input_count; ++k) {
        number("a coefficient", at(r.inputs, k));
        if (at(r.inputs, k) != 0) at(read, k) = true;
      }
      for (int i = 0; i < j; ++i) number("a coefficient", at(r.earlier, i));
      for (int q = 0; q < u.normal_count; ++q) number("a coefficient", at(r.normals, q));
    }
    for (int k = 0; k < u.input_count; ++k) {
      const operand& in = at(u.inputs, k);
      if (in.where == operand::output) {
        whole("a branch", in.index, 0, branches - 1);
        branches_ = (std::max)(branches_, in.index + 1);
      } else if (at(read, k)) {
        filled("the buffer of an operand", in.index);
      } else {
        whole("the buffer of an operand", in.index, 0, p_.buffers - 1);
      }
    }
    for (int j = 0; j < u.row_count; ++j) at(filled_, at(u.rows, j).buffer) = true;
  }

  void pass(const threshold& t, const update& then) {
    number("a quantile", t.quantile, 0);
    if (t.quantile == 0 || t.quantile > 1) refuse("a quantile", t.quantile, "above 0 and up to 1");
    number("the bound of a threshold", t.bound, 0);
    if (t.bound == 0) refuse("the bound of a threshold", t.bound, "a number > 0");
    if (!detail::is_finite(t.largest) || t.largest <= 0 || !detail::fits_float(t.bound / t.largest))
      refuse("the largest scale of a threshold", t.largest, "a number > 0 that the bound can be divided by");
    whole("the number of results before a threshold", t.raw.row_count, 1, 1);
    whole("the row of a threshold", t.row, 0, then.row_count - 1);
    pass(t.raw, p_.branches);
  }

  void pass(const call& c) {
    finite("the time", c.at.time);
    finite("the label", c.at.label);
    number("alpha", c.at.alpha, 0);
    number("sigma", c.at.sigma, 0);
    if (c.at.alpha == 0 && c.at.sigma == 0) refuse("alpha and sigma", 0, "not both 0");
    number("the data's part in the prediction", c.predicts.data);
    number("the noise's part in the prediction", c.predicts.noise);
    number("the input's scale", c.input_scale, 0);
    if (c.input_scale == 0) refuse("the input's scale", 0, "a number > 0");
    whole("the step", c.step, 0, p_.steps() - 1);
    filled("the buffer that the network reads", c.input);
    if (c.threshold != -1) {
      whole("the threshold", c.threshold, thresholds_, std::min<long long>(thresholds_, std::ssize(p_.thresholds) - 1));
      pass(at(p_.thresholds, thresholds_++), c.then);
    }
    pass(c.then, p_.branches);
    if (p_.preview || c.preview != -1) filled("the buffer of the preview", c.preview);
  }

  const program& p_;
  std::vector<char> filled_;
  int call_ = nowhere;  // what is looked at
  int branches_ = 0;    // read so far
  int thresholds_ = 0;  // met so far
};

/// Throws std::invalid_argument naming the call and what is wrong with it, unless levels are in order, indices in
/// range, numbers such that float holds them, and no buffer is read before it is written or claimed without use.
inline void require_valid(const program& p) { validation{p}(); }

}  // namespace fokker::inline v0::plan
