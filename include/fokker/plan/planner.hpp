// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// Turns what a solver said into a program: one update after each network call, and at most one before the first.
/// Slot u is the update after call u, slot -1 the one before the first call. A network output lives in its own slot
/// only, so a later expression that needs it is split there: its share of what is at hand is carried, either as a
/// partial sum or as the combined prediction, whichever leaves fewer tensors alive.
class planner {
 public:
  planner(trace said, bool preview) : trace_(std::move(said)), preview_(preview) {}

  [[nodiscard]] program operator()() && {
    collect();
    for (int u = -1; u < calls(); ++u) {
      drop_unread(u);
      carry(u);
      drop_unread(u);  // what is in the carried sums need not be kept as well
    }
    return assign();
  }

 private:
  /// A tensor to be written in a slot, as an expression over what is at hand there.
  struct target {
    atom name = 0;
    expression value;
    int slot = 0;
    bool dropped = false;
    data_limit limit{};  // what is limited is no linear expression: it is a row, and stays one

    [[nodiscard]] bool limited() const { return limit.bound < data_limit::none; }
  };

  [[nodiscard]] int calls() const { return static_cast<int>(trace_.calls.size()); }
  [[nodiscard]] const trace::symbol& symbol(atom a) const { return at(trace_.symbols, a); }
  [[nodiscard]] trace::call& call(int c) { return at(trace_.calls, c); }
  [[nodiscard]] bool is_output(atom a, int c) const {
    return symbol(a).what == trace::kind::branch && symbol(a).index == c;
  }
  [[nodiscard]] bool is_tensor(atom a) const {
    const auto what = symbol(a).what;
    return what == trace::kind::start || what == trace::kind::input || what == trace::kind::kept;
  }
  [[nodiscard]] int slot_of(atom a) const { return at(born_, a); }
  [[nodiscard]] static bool contains(const std::vector<int>& list, int entry) {
    return std::find(list.begin(), list.end(), entry) != list.end();
  }

  atom name(trace::symbol s, int slot) {
    trace_.symbols.push_back(s);
    born_.push_back(slot);
    users_.emplace_back();
    called_.push_back(-1);
    return static_cast<atom>(trace_.symbols.size()) - 1;
  }

  /// Replaces guided predictions by what the guidance made of the branches.
  [[nodiscard]] expression guided(expression e) const {
    const expression said = e;
    for (const auto& [a, coefficient] : said.terms())
      if (symbol(a).what == trace::kind::guided) e.substitute(a, at(trace_.calls, symbol(a).index).guidance);
    return e;
  }

  void add(target t) {
    at(born_, t.name) = t.slot;
    for (const auto& [a, c] : t.value.terms()) at(users_, a).push_back(static_cast<int>(targets_.size()));
    at(slots_, t.slot + 1).push_back(static_cast<int>(targets_.size()));
    targets_.push_back(std::move(t));
  }

  void collect() {
    born_.assign(trace_.symbols.size(), -2);
    users_.resize(trace_.symbols.size());
    called_.assign(trace_.symbols.size(), -1);
    slots_.resize(trace_.calls.size() + 1);
    for (trace::kept& k : trace_.keeps) add({k.name, guided(std::move(k.value)), k.after, false, k.limit});
    for (int c = 0; c < calls(); ++c) {
      at(called_, call(c).input) = c;
      if (!call(c).value.empty()) add({call(c).input, guided(std::move(call(c).value)), c - 1});
    }
    result_ = name({trace::kind::input, calls()}, calls() - 1);
    add({result_, guided(std::move(trace_.result)), calls() - 1});
    if (!trace_.error.empty()) {
      error_ = name({trace::kind::kept, -1}, calls() - 1);
      add({error_, guided(std::move(trace_.error)), calls() - 1});
    }
    for (const target& t : targets_) crowded_ = crowded_ || t.value.terms().size() > max_inputs;
    if (preview_)
      for (int c = 0; c < calls(); ++c) previews_.push_back(preview_of(c));
  }

  /// The x0-prediction of call c: a kept value of the same numbers, or one more row.
  atom preview_of(int c) {
    if (call(c).limited != 0) return call(c).limited;
    const conversion q = convert(call(c).at, call(c).guides, {1, 0});
    if (!q.determined)
      throw std::invalid_argument(detail::joined({"fokker: preview: a prediction of ", trace_.predicts,
                                                  " does not determine data at time ", detail::text(call(c).at.time)}));
    const expression data =
        guided(q.of_x * (expression(call(c).input) / call(c).input_scale) + expression(call(c).guided, q.of_p));
    for (const int i : at(slots_, c + 1))
      if (multiple(data, at(targets_, i).value) == 1) return at(targets_, i).name;
    const atom a = name({trace::kind::kept, -1}, c);
    add({a, data, c});
    return a;
  }

  /// f such that p = f q to rounding, else 0.
  [[nodiscard]] static double multiple(const expression& p, const expression& q) {
    const auto &a = p.terms(), &b = q.terms();
    if (a.empty() || a.size() != b.size()) return 0;
    const double factor = a.front().coefficient / b.front().coefficient;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (a[i].of != b[i].of ||
          !(std::abs(std::fma(-factor, b[i].coefficient, a[i].coefficient)) <= 1e-14 * std::abs(a[i].coefficient)))
        return 0;
    return factor;
  }

  /// Whether a tensor is read after slot u by anything but `except`.
  [[nodiscard]] bool read_elsewhere(atom a, int u, const std::vector<int>& except) const {
    if (at(called_, a) > u) return true;
    const std::vector<int>& users = at(users_, a);
    // From the last one: what is read in all steps is found at once.
    return std::any_of(users.rbegin(), users.rend(), [&](int i) {
      const target& t = at(targets_, i);
      return t.slot > u && t.value[a] != 0 && !contains(except, i);
    });
  }

  /// The tensors and outputs that slot u can read or has just written, its next network input excepted.
  [[nodiscard]] bool at_hand(atom a, int u) const {
    if (is_output(a, u)) return true;
    if (!is_tensor(a)) return false;
    return slot_of(a) < u || (slot_of(a) == u && symbol(a).what == trace::kind::kept);
  }

  /// Later expressions that must leave something behind in slot u: those that need its network outputs, and those
  /// that alone keep two tensors or more alive.
  [[nodiscard]] std::vector<int> crossing(int u) const {
    std::vector<int> found;
    const auto consider = [&](int i) {
      if (at(targets_, i).slot > u && !contains(found, i)) found.push_back(i);
    };
    if (u < 0) return found;
    const trace::call& c = at(trace_.calls, u);
    for (int b = 0; b < trace_.branches; ++b)
      for (const int i : at(users_, c.guided + 1 + b))
        if (at(targets_, i).value[c.guided + 1 + b] != 0) consider(i);
    if (crowded_ && c.limited != 0)
      for (const int i : at(users_, c.limited))
        if (at(targets_, i).value[c.limited] != 0) consider(i);
    for (const int i : at(slots_, (std::min)(u + 2, calls()))) {
      int sole = 0;
      for (const auto& [a, weight] : at(targets_, i).value.terms()) sole += at_hand(a, u) && !read_elsewhere(a, u, {i});
      if (sole > 1) consider(i);
    }
    return found;
  }

  /// What later expressions may leave behind in a slot: all that is at hand there, the combined prediction with the
  /// network's input, or the outputs alone.
  enum class share : std::uint8_t { sum, prediction, outputs };
  [[nodiscard]] bool belongs(atom a, share s, int u) const {
    if (s == share::sum) return at_hand(a, u);
    const trace::call& c = at(trace_.calls, u);
    return is_output(a, u) || (s == share::prediction && (a == c.input || (c.limited != 0 && a == c.limited)));
  }
  [[nodiscard]] expression part(int i, share s, int u, bool inside = true) const {
    return at(targets_, i).value.where([&](atom a) { return belongs(a, s, u) == inside; });
  }

  /// The shares of the expressions in `later`, multiples of another left out.
  [[nodiscard]] std::vector<expression> parts_of(const std::vector<int>& later, share s, int u) const {
    std::vector<expression> parts;
    for (const int i : later) {
      expression p = part(i, s, u);
      bool known = p.empty();
      for (const expression& q : parts) known = known || multiple(p, q) != 0;
      if (!known) parts.push_back(std::move(p));
    }
    return parts;
  }

  /// Tensors alive after slot u if the expressions in `later` leave `parts` behind and still read the rest.
  [[nodiscard]] std::size_t alive(const std::vector<int>& later, const std::vector<expression>& parts, share s,
                                  int u) const {
    std::vector<int> read;
    for (const int i : later)
      for (const auto& [a, c] : at(targets_, i).value.terms())
        if (is_tensor(a) && at_hand(a, u) && (!belongs(a, s, u) || read_elsewhere(a, u, later)) && !contains(read, a))
          read.push_back(a);
    return parts.size() + read.size();
  }

  /// Whether an update has enough rows for these besides those that it has, and for a preview.
  [[nodiscard]] bool fits(const std::vector<expression>& parts, int u) const {
    const auto& slot = at(slots_, u + 1);
    const auto rows = std::count_if(slot.begin(), slot.end(), [&](int i) { return !at(targets_, i).dropped; });
    return static_cast<std::size_t>(rows) + parts.size() <= static_cast<std::size_t>(max_rows - (preview_ ? 0 : 1));
  }

  void carry(int u) {
    const std::vector<int> later = crossing(u);
    if (later.empty()) return;
    share best = share::sum;
    std::vector<expression> parts = parts_of(later, best, u);
    std::size_t fewest = alive(later, parts, best, u);
    for (const share s : {share::prediction, share::outputs}) {
      std::vector<expression> others = parts_of(later, s, u);
      const std::size_t count = alive(later, others, s, u);
      if (count < fewest || (count == fewest && !fits(parts, u) && fits(others, u)))
        best = s, fewest = count, parts = std::move(others);
    }
    leave(u, later, parts, best);
  }

  /// Writes `parts` in slot u and lets the expressions in `later` read them instead.
  void leave(int u, const std::vector<int>& later, const std::vector<expression>& parts, share s) {
    std::vector<int> names;
    for (const expression& p : parts) {
      atom carried = -1;
      for (const int i : at(slots_, u + 1)) {
        const target& t = at(targets_, i);
        if (!t.dropped && !t.limited() && is_tensor(t.name) && multiple(p, t.value) == 1) carried = t.name;
      }
      if (p.terms().size() == 1 && is_tensor(p.terms().front().of) && p.terms().front().coefficient == 1)
        carried = p.terms().front().of;
      if (carried < 0) {
        carried = name({trace::kind::kept, -1}, u);
        add({carried, p, u});
      }
      names.push_back(carried);
    }
    for (const int i : later) {
      const expression mine = part(i, s, u);
      for (std::size_t k = 0; k < parts.size(); ++k) {
        const double factor = multiple(mine, parts[k]);
        if (factor == 0) continue;
        at(targets_, i).value = part(i, s, u, false).add(expression(names[k]), factor);
        at(users_, names[k]).push_back(i);
        break;
      }
    }
  }

  /// A kept value that no later slot reads is no tensor: its expression goes to where it is used.
  void drop_unread(int u) {
    for (const int i : at(slots_, u + 1)) {
      target& t = at(targets_, i);
      if (t.dropped || symbol(t.name).what != trace::kind::kept || is_asked_for(t.name) ||
          read_elsewhere(t.name, u, {}))
        continue;
      if (t.limited() && read_in(t.name, u)) continue;
      t.dropped = true;
      for (const int j : at(users_, t.name)) {
        target& user = at(targets_, j);
        user.value.substitute(t.name, t.value);
        for (const auto& [a, c] : t.value.terms()) at(users_, a).push_back(j);
      }
    }
  }
  /// Whether somebody outside of the plan reads a tensor.
  [[nodiscard]] bool is_asked_for(atom a) const {
    return a == error_ || (preview_ && slot_of(a) >= 0 && at(previews_, slot_of(a)) == a);
  }
  [[nodiscard]] bool read_in(atom a, int u) const {
    for (const int i : at(users_, a))
      if (const target& t = at(targets_, i); t.slot == u && !t.dropped && t.value[a] != 0) return true;
    return false;
  }

  /// Lays tensors into buffers by liveness and writes the updates down.
  [[nodiscard]] program assign() {
    const auto size = trace_.symbols.size();
    std::vector<int> last(size, -2);  // the last slot that reads a tensor
    const auto reads = [&](atom a, int slot) { at(last, a) = (std::max)(at(last, a), slot); };
    for (const target& t : targets_)
      if (!t.dropped)
        for (const auto& [a, c] : t.value.terms())
          if (is_tensor(a) && slot_of(a) < t.slot) reads(a, t.slot);
    for (int c = 0; c < calls(); ++c) reads(call(c).input, c);

    program p;
    p.levels = trace_.levels;
    p.predicts = trace_.predicts;
    p.branches = trace_.branches + trace_.learned;
    p.preview = preview_;
    std::vector<int> buffer(size, -1);
    std::vector<atom> holds{0};  // by buffer; -1: free
    buffer[0] = 0;
    for (int u = -1; u < calls(); ++u) {
      // Tensors first that others are made of, the next network input last.
      std::vector<int> rows;
      for (const bool last_ones : {false, true})
        for (const int i : at(slots_, u + 1))
          if (const target& t = at(targets_, i); !t.dropped && is_input(t) == last_ones) rows.push_back(i);
      // What is thresholded is written while all that the update reads is still there.
      int raw = -1;
      for (const int i : rows)
        if (at(targets_, i).limit.quantile > 0) {
          raw = static_cast<int>(std::find(holds.begin(), holds.end(), -1) - holds.begin());
          if (raw == static_cast<int>(holds.size())) holds.push_back(-1);
        }
      for (atom& held : holds)
        if (held >= 0 && at(last, held) <= u) held = -1;
      const auto place = [&](const target& t, int wished) {
        int b = wished;
        if (b < 0 || at(holds, b) >= 0) b = static_cast<int>(std::find(holds.begin(), holds.end(), -1) - holds.begin());
        if (b == static_cast<int>(holds.size())) holds.push_back(-1);
        at(holds, b) = t.name;
        at(buffer, t.name) = b;
      };
      for (const int i : rows)
        if (at(targets_, i).name == result_) place(at(targets_, i), 0);
      for (const int i : rows)
        if (const target& t = at(targets_, i); is_input(t) && t.name != result_)
          place(t, u < 0 ? 0 : at(buffer, call(u).input));
      const auto is_passing = [&](const target& t) { return at(last, t.name) <= u && !is_asked_for(t.name); };
      for (const int i : rows)
        if (const target& t = at(targets_, i); !is_input(t) && !is_passing(t)) place(t, -1);
      // A limited row that only later rows read passes through the place of the last of them.
      for (const int i : rows)
        if (const target& t = at(targets_, i); !is_input(t) && is_passing(t))
          at(buffer, t.name) = at(buffer, at(targets_, rows.back()).name);

      threshold limiting;
      update written = write(u, rows, buffer, raw, limiting);
      if (u < 0) {
        p.enter = written;
        p.draw = drawn(written, last[0] > -1 || rows.empty());
      } else {
        plan::call c{.step = call(u).step,
                     .at = call(u).at,
                     .predicts = call(u).predicts,
                     .input_scale = call(u).input_scale,
                     .input = at(buffer, call(u).input),
                     .then = written};
        if (preview_) c.preview = at(buffer, at(previews_, u));
        if (raw >= 0) {
          c.threshold = static_cast<int>(p.thresholds.size());
          p.thresholds.push_back(limiting);
        }
        p.calls.push_back(c);
      }
    }
    p.buffers = static_cast<int>(holds.size());
    if (error_ >= 0) p.error = at(buffer, error_);
    return p;
  }
  [[nodiscard]] bool is_input(const target& t) const { return symbol(t.name).what == trace::kind::input; }

  /// The place of `wanted` in the first `count` entries of a list, entered there if it is new.
  template <class List, class Entry>
  [[nodiscard]] static int enter(List& list, int& count, const Entry& wanted, int call, const char* what) {
    for (int i = 0; i < count; ++i)
      if (at(list, i) == wanted) return i;
    if (count == static_cast<int>(list.size())) too_many(call, count, what);
    at(list, count) = wanted;
    return count++;
  }

  [[noreturn]] static void too_many(int call, int count, const char* what) {
    throw std::invalid_argument(detail::joined(
        {"fokker: the update after call ", detail::text(call), " needs more than ", detail::text(count), " ", what}));
  }

  /// The update of slot u. What is thresholded is written to buffer `raw` by an update of its own, and read from there.
  [[nodiscard]] update write(int u, const std::vector<int>& rows, const std::vector<int>& buffer, int raw,
                             threshold& limiting) const {
    update w;
    std::array<atom, max_rows> names{};
    const auto fill = [&](update& into, row& r, const expression& value) {
      for (const auto& [a, c] : value.terms()) {
        if (symbol(a).what == trace::kind::normal) {
          normal z{symbol(a).piece};
          if (symbol(a).learned != 0) {
            const trace::symbol& v = symbol(symbol(a).learned);
            if (v.index != u)
              throw std::invalid_argument("fokker: noise of a learned variance is asked for after another call");
            z.learned = enter(into.inputs, into.input_count, operand{operand::output, v.branch}, u, "operands");
            z.slope = symbol(a).slope;
            z.offset = symbol(a).offset;
          }
          at(r.normals, enter(into.normals, into.normal_count, z, u, "normals")) = c;
        } else if (is_tensor(a) && slot_of(a) == u) {
          at(r.earlier, std::find(names.begin(), names.end(), a) - names.begin()) = c;
        } else {
          const operand in =
              is_tensor(a) ? operand{operand::buffer, at(buffer, a)} : operand{operand::output, symbol(a).branch};
          at(r.inputs, enter(into.inputs, into.input_count, in, u, "operands")) = c;
        }
      }
    };
    for (const int i : rows) {
      const target& t = at(targets_, i);
      const int j = enter(names, w.row_count, t.name, u, "results");
      row& r = at(w.rows, j);
      r.buffer = at(buffer, t.name);
      if (t.limited()) r.clamp = t.limit.bound;
      if (t.limit.quantile > 0) {
        limiting = {
            .raw = {}, .quantile = t.limit.quantile, .bound = t.limit.bound, .largest = t.limit.largest, .row = j};
        limiting.raw.row_count = 1;
        limiting.raw.rows[0].buffer = raw;
        fill(limiting.raw, limiting.raw.rows[0], t.value);
        at(r.inputs, enter(w.inputs, w.input_count, operand{operand::buffer, raw}, u, "operands")) = 1;
      } else {
        fill(w, r, t.value);
      }
    }
    return w;
  }

  /// The first update when x starts as noise: the start is sigma z, and it is written only where it is read again.
  [[nodiscard]] update drawn(update w, bool start_lives) const {
    const double sigma = trace_.levels.front().sigma;
    if (w.normal_count == max_normals && w.input_count > 0)
      throw std::invalid_argument(detail::joined({"fokker: the update before the first call needs more than ",
                                                  detail::text(max_normals), " normals, the start among them"}));
    const auto q = static_cast<std::size_t>(w.normal_count++);
    w.normals[q] = {{normal::start, 0}};
    for (auto& r : w.rows) r.normals[q] = r.inputs[0] * sigma, r.inputs[0] = 0;
    w.input_count = 0;
    w.inputs = {};
    if (start_lives) {
      row& r = at(w.rows, w.row_count++);
      r.buffer = 0;
      r.normals[q] = sigma;
    }
    return w;
  }

  trace trace_;
  bool preview_;
  bool crowded_ = false;  // something reads more than an update can: limited data are to be carried in sums as well
  std::vector<target> targets_;
  std::vector<std::vector<int>> slots_;  // targets by slot + 1
  std::vector<std::vector<int>> users_;  // targets that read an atom, by atom
  std::vector<int> born_;                // the slot that writes a tensor, by atom
  std::vector<int> called_;              // the last call that reads a tensor as its input, by atom
  std::vector<atom> previews_;
  atom result_ = 0;
  atom error_ = -1;
};

}  // namespace fokker::inline v0::plan
