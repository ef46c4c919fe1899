// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/plan/builder.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/scalar.hpp>
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
    data_limit limit{};     // what is limited is no linear expression: it is a row, and stays one
    bool measured = false;  // formed by the measure of its slot, and written nowhere

    [[nodiscard]] bool limited() const { return limit.bound < data_limit::none; }
  };

  [[nodiscard]] int calls() const { return static_cast<int>(trace_.calls.size()); }
  [[nodiscard]] const trace::symbol& symbol(atom a) const { return at(trace_.symbols, a); }
  [[nodiscard]] trace::call& call(int c) { return at(trace_.calls, c); }
  [[nodiscard]] bool is_output(atom a, int c) const {
    const trace::symbol& s = symbol(a);
    if (s.what == trace::kind::product && s.plane >= 0) return is_output(s.of, c);
    return (s.what == trace::kind::branch || s.what == trace::kind::product) && s.index == c;
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
    grow();
    born_.back() = slot;
    return static_cast<atom>(trace_.symbols.size()) - 1;
  }
  /// Lists by atom are as long as that of the atoms.
  void grow() {
    for (std::size_t a = users_.size(); a < trace_.symbols.size(); ++a)
      if (const trace::symbol& s = trace_.symbols[a]; s.what == trace::kind::product) {
        const int call = s.plane < 0 ? s.index : symbol(s.of).what == trace::kind::branch ? symbol(s.of).index : -1;
        if (call >= 0) at(products_, call).push_back(static_cast<atom>(a));
      }
    born_.resize(trace_.symbols.size(), -2);
    users_.resize(trace_.symbols.size());
    called_.resize(trace_.symbols.size(), -1);
  }

  /// The tensor that a term reads: a product reads what it multiplies.
  [[nodiscard]] atom base(atom a) const { return symbol(a).what == trace::kind::product ? symbol(a).of : a; }
  [[nodiscard]] bool mentions(const expression& e, atom a) const {
    return std::any_of(e.terms().begin(), e.terms().end(), [&](const auto& t) { return t.of == a || base(t.of) == a; });
  }

  /// What a product multiplies by, times what an expression says.
  [[nodiscard]] expression times(const trace::symbol& by, const expression& e) {
    expression product = by.plane >= 0 ? plane(trace_, by.plane) * e : scalar(trace_, by.quantity) * e;
    grow();
    return product;
  }
  /// Puts `value` in the place of atom `a`, also where a number multiplies it.
  void put(expression& e, atom a, const expression& value) {
    e.substitute(a, value);
    const expression said = e;
    for (const auto& [product, coefficient] : said.terms())
      if (product != base(product) && base(product) == a)
        e.substitute(product, times(trace::symbol(symbol(product)), value));
  }
  /// Replaces guided predictions by what the guidance made of the branches.
  [[nodiscard]] expression guided(expression e) {
    const expression said = e;
    for (const auto& [a, coefficient] : said.terms())
      if (const atom b = base(a); symbol(b).what == trace::kind::guided)
        put(e, b, at(trace_.calls, symbol(b).index).guidance);
    return e;
  }

  void use(const expression& e, int i) {
    for (const auto& [a, c] : e.terms()) {
      at(users_, a).push_back(i);
      if (base(a) != a) at(users_, base(a)).push_back(i);
    }
  }
  void add(target t) {
    at(born_, t.name) = t.slot;
    use(t.value, static_cast<int>(targets_.size()));
    at(slots_, t.slot + 1).push_back(static_cast<int>(targets_.size()));
    targets_.push_back(std::move(t));
  }

  void collect() {
    products_.resize(trace_.calls.size());
    grow();
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
    measured_.resize(trace_.quantities.size());
    numbers_.resize(trace_.calls.size());
    std::size_t next = 0;
    while (next < targets_.size()) {  // more of them are found
      const expression value = targets_[next++].value;
      for (const auto& [a, c] : value.terms())
        if (symbol(a).quantity >= 0) find(symbol(a).quantity);
    }
    for (std::size_t q = 0; q < trace_.quantities.size(); ++q)
      if (trace_.quantities[q].what == operation::keep) find(static_cast<int>(q));
  }

  /// Names the rows that the measure of a quantity, and of those that it is made of, is to form.
  void find(int quantity) {
    if (quantity < 0 || !at(measured_, quantity).empty()) return;
    const trace::quantity q = at(trace_.quantities, quantity);
    at(measured_, quantity).push_back(-1);
    for (const int other : {q.a, q.b, q.c, q.d}) find(other);
    if (q.call >= 0) at(numbers_, q.call).push_back(quantity);
    if (q.what != operation::found) return;
    at(measured_, quantity).front() = formed(guided(q.of), q.call);
    if (q.how == measured::dot) at(measured_, quantity).push_back(formed(guided(q.with), q.call));
  }
  /// The target whose value is what a measure forms.
  [[nodiscard]] int formed(const expression& e, int slot) {
    for (const int i : at(slots_, slot + 1))
      if (at(targets_, i).measured && at(targets_, i).value == e) return i;
    add({name({trace::kind::kept, -1}, slot), e, slot, false, {}, true});
    return static_cast<int>(targets_.size()) - 1;
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
      if (!at(targets_, i).measured && multiple(data, at(targets_, i).value) == 1) return at(targets_, i).name;
    const atom a = name({trace::kind::kept, -1}, c);
    add({a, data, c});
    return a;
  }

  /// Whether a tensor is read after slot u by anything but `except`.
  [[nodiscard]] bool read_elsewhere(atom a, int u, const std::vector<int>& except) const {
    if (symbol(a).what == trace::kind::given) return true;  // it is there throughout
    if (base(a) != a && symbol(a).plane >= 0) return read_elsewhere(base(a), u, except);
    if (at(called_, a) > u) return true;
    const std::vector<int>& users = at(users_, a);
    // From the last one: what is read in all steps is found at once.
    return std::any_of(users.rbegin(), users.rend(), [&](int i) {
      const target& t = at(targets_, i);
      return t.slot > u && mentions(t.value, a) && !contains(except, i);
    });
  }

  /// The tensors and outputs that slot u can read or has just written, its next network input excepted.
  [[nodiscard]] bool at_hand(atom a, int u) const {
    if (is_output(a, u) || symbol(a).what == trace::kind::given) return true;
    if (symbol(a).plane >= 0) return at_hand(base(a), u);
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
    for (const atom p : at(products_, u))
      for (const int i : at(users_, p))
        if (at(targets_, i).value[p] != 0) consider(i);
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
        if (const atom b = symbol(a).plane >= 0 ? base(a) : a;
            is_tensor(b) && at_hand(b, u) && (!belongs(a, s, u) || read_elsewhere(b, u, later)) && !contains(read, b))
          read.push_back(b);
    return parts.size() + read.size();
  }

  /// Whether an update has enough rows for these besides those that it has, and for a preview.
  [[nodiscard]] bool fits(const std::vector<expression>& parts, int u) const {
    const auto& slot = at(slots_, u + 1);
    const auto rows = std::count_if(slot.begin(), slot.end(), [&](int i) { return is_written(at(targets_, i)); });
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
        if (is_written(t) && !t.limited() && is_tensor(t.name) && multiple(p, t.value) == 1) carried = t.name;
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
      if (!is_written(t) || symbol(t.name).what != trace::kind::kept || is_asked_for(t.name) ||
          read_elsewhere(t.name, u, {}))
        continue;
      if ((t.limited() || is_multiplied_again(t)) && read_in(t.name, u)) continue;
      t.dropped = true;
      const atom name = t.name;
      const expression value = t.value;
      const std::vector<int> users = at(users_, name);
      for (const int j : users) {
        put(at(targets_, j).value, name, value);
        use(at(targets_, j).value.where([&](atom a) { return mentions(value, base(a)); }), j);
      }
    }
  }
  /// Whether somebody outside of the plan reads a tensor.
  [[nodiscard]] bool is_asked_for(atom a) const {
    return a == error_ || (preview_ && slot_of(a) >= 0 && at(previews_, slot_of(a)) == a);
  }
  /// Whether a plane multiplies a tensor that numbers multiply already: it is a row first.
  [[nodiscard]] bool is_multiplied_again(const target& t) const {
    const auto multiplied = [this](const auto& term) { return base(term.of) != term.of; };
    const auto by_plane = [&](const auto& term) { return symbol(term.of).plane >= 0 && base(term.of) == t.name; };
    const auto& terms = t.value.terms();
    return std::any_of(terms.begin(), terms.end(), multiplied) &&
           std::any_of(at(users_, t.name).begin(), at(users_, t.name).end(), [&](int i) {
             const auto& user = at(targets_, i).value.terms();
             return std::any_of(user.begin(), user.end(), by_plane);
           });
  }
  [[nodiscard]] bool read_in(atom a, int u) const {
    for (const int i : at(users_, a))
      if (const target& t = at(targets_, i); t.slot == u && is_written(t) && mentions(t.value, a)) return true;
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
          if (is_tensor(base(a)) && slot_of(base(a)) < t.slot) reads(base(a), t.slot);
    for (int c = 0; c < calls(); ++c) reads(call(c).input, c);

    program p;
    p.levels = trace_.levels;
    p.predicts = trace_.predicts;
    p.branches = trace_.branches + trace_.learned;
    p.preview = preview_;
    p.scalars = trace_.scalars;
    p.givens = trace_.givens;
    p.calls.reserve(trace_.calls.size());
    for (const std::string& name : trace_.planes) p.tables.push_back({{}, name});
    std::vector<int> buffer(size, -1);
    std::vector<atom> holds{0};  // by buffer; -1: free
    buffer[0] = 0;
    for (int u = -1; u < calls(); ++u) {
      // Tensors first that others are made of, the next network input last.
      std::vector<int> rows;
      for (const bool last_ones : {false, true})
        for (const int i : at(slots_, u + 1))
          if (const target& t = at(targets_, i); is_written(t) && is_input(t) == last_ones) rows.push_back(i);
      // What is thresholded is written while all that the update reads is still there.
      int raw = -1;
      for (const int i : rows)
        if (at(targets_, i).limit.quantile > 0) {
          raw = static_cast<int>(std::find(holds.begin(), holds.end(), -1) - holds.begin());
          if (raw == static_cast<int>(holds.size())) holds.push_back(-1);
        }
      // So is what a quantile is asked of, each in a place of its own.
      scratch_.clear();
      if (u >= 0)
        for (const int q : at(numbers_, u))
          if (const trace::quantity& of = at(trace_.quantities, q);
              of.what == operation::found && of.how == measured::quantile) {
            const int i = at(measured_, q).front();
            if (std::any_of(scratch_.begin(), scratch_.end(), [i](const auto& s) { return s.first == i; })) continue;
            int b = 0;
            while (b < static_cast<int>(holds.size()) &&
                   (at(holds, b) >= 0 ||
                    std::any_of(scratch_.begin(), scratch_.end(), [b](const auto& s) { return s.second == b; })))
              ++b;
            if (b == static_cast<int>(holds.size())) holds.push_back(-1);
            scratch_.emplace_back(i, b);
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

      measure limiting;
      update written = write(u, rows, buffer, raw, limiting);
      std::vector<measure> measures = measuring(u, written, limiting, buffer, p);
      if (u < 0) {
        p.enter = written;
        p.draw = drawn(written, last[0] > -1 || rows.empty());
      } else {
        plan::call c{.step = call(u).step,
                     .at = call(u).at,
                     .predicts = call(u).predicts,
                     .input_scale = call(u).input_scale,
                     .input = at(buffer, call(u).input),
                     .raw = call(u).raw,
                     .measures = std::move(measures),
                     .then = written};
        if (preview_) c.preview = at(buffer, at(previews_, u));
        p.calls.push_back(std::move(c));
      }
    }
    p.buffers = static_cast<int>(holds.size());
    if (error_ >= 0) p.error = at(buffer, error_);
    return p;
  }
  [[nodiscard]] static bool is_written(const target& t) { return !t.dropped && !t.measured; }
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

  /// One row of the update of slot u, or of a measure; `names` are the tensors that its rows are. Where
  /// numbers of the call multiply, `tables` tells them by their quantities.
  void fill(update& into, int j, const expression& value, int u, const std::vector<int>& buffer,
            const std::array<atom, max_rows>& names) {
    row& r = at(into.rows, j);
    const std::size_t before = into.factors.size();
    for (const auto& [a, c] : value.terms()) {
      const atom b = base(a);
      factor f{.row = j, .by = c};
      double* weight = nullptr;
      if (symbol(b).what == trace::kind::normal) {
        normal z{symbol(b).piece};
        if (symbol(b).learned != 0) {
          const trace::symbol& v = symbol(symbol(b).learned);
          if (v.index != u)
            throw std::invalid_argument("fokker: noise of a learned variance is asked for after another call");
          z.learned = enter(into.inputs, into.input_count, operand{operand::output, v.branch}, u, "operands");
          z.slope = symbol(b).slope;
          z.offset = symbol(b).offset;
        }
        f.of = factor::normal;
        f.index = enter(into.normals, into.normal_count, z, u, "normals");
        weight = &at(r.normals, f.index);
      } else if (is_tensor(b) && slot_of(b) == u) {
        f.of = factor::earlier;
        f.index = static_cast<int>(std::find(names.begin(), names.end(), b) - names.begin());
        weight = &at(r.earlier, f.index);
      } else {
        const operand in = is_tensor(b)                           ? operand{operand::buffer, at(buffer, b)}
                           : symbol(b).what == trace::kind::given ? operand{operand::given, symbol(b).index}
                                                                  : operand{operand::output, symbol(b).branch};
        f.of = factor::input;
        f.index = enter(into.inputs, into.input_count, in, u, "operands");
        weight = &at(r.inputs, f.index);
      }
      if (a == b) {
        *weight = c;
        continue;
      }
      f.table = symbol(a).plane >= 0 ? -1 - symbol(a).plane : symbol(a).quantity;  // planes count from -1 down
      const auto same = std::find_if(into.factors.begin() + static_cast<std::ptrdiff_t>(before), into.factors.end(),
                                     [&f](const factor& g) { return g.of == f.of && g.index == f.index; });
      if (same == into.factors.end()) {
        into.factors.push_back(f);
      } else if (same->table < 0 || f.table < 0) {
        too_many(u, 1, "planes that multiply one tensor");
      } else {  // a weight of two numbers is summed before
        const scalar one(trace_, same->table), other(trace_, f.table);
        same->table = (same->by * one + f.by * other).index();
        same->by = 1;
      }
    }
  }

  /// The update of slot u. What is thresholded is written to buffer `raw` by a measure of its own, and read from there.
  [[nodiscard]] update write(int u, const std::vector<int>& rows, const std::vector<int>& buffer, int raw,
                             measure& limiting) {
    update w;
    std::array<atom, max_rows> names{};
    for (const int i : rows) {
      const target t = at(targets_, i);
      const int j = enter(names, w.row_count, t.name, u, "results");
      row& r = at(w.rows, j);
      r.buffer = at(buffer, t.name);
      if (t.limited()) r.clamp = t.limit.bound;
      if (t.limit.quantile > 0) {
        update form{.row_count = 1};
        form.rows[0].buffer = raw;
        fill(form, 0, unwritten(t.value, u), u, buffer, {});
        limiting = threshold(std::move(form), t.limit.quantile, t.limit.bound, t.limit.largest, -1);
        scale_ = static_cast<int>(trace_.quantities.size());
        trace_.quantities.push_back({.call = u});
        w.factors.push_back({.row = j,
                             .index = enter(w.inputs, w.input_count, operand{operand::buffer, raw}, u, "operands"),
                             .table = scale_});
      } else {
        fill(w, j, t.value, u, buffer, names);
      }
    }
    return w;
  }

  /// An expression of what is there before the update of slot u: tensors that it writes by what they are made of.
  [[nodiscard]] expression unwritten(expression e, int u) {
    for (bool again = true; again;) {
      again = false;
      for (const int i : at(slots_, u + 1)) {
        const target& t = at(targets_, i);
        if (!is_written(t) || !mentions(e, t.name)) continue;
        if (t.limited()) throw std::invalid_argument("fokker: a number is asked of data that its call limits");
        put(e, t.name, expression(t.value));
        again = true;
        break;
      }
    }
    return e;
  }

  /// The measures of slot u, the last of which limits data; tables of the updates become the program's.
  [[nodiscard]] std::vector<measure> measuring(int u, update& written, measure& limiting,
                                               const std::vector<int>& buffer, program& p) {
    std::vector<int> stored, needed;
    for (update* w : {&limiting.form, &written})
      for (factor& f : w->factors) {
        int known = f.table;
        if (f.table >= 0) {
          known = static_cast<int>(std::find(stored.begin(), stored.end(), f.table) - stored.begin());
          if (known == static_cast<int>(stored.size())) stored.push_back(f.table);
        }
        const int local = static_cast<int>(std::find(w->tables.begin(), w->tables.end(), known) - w->tables.begin());
        if (local == max_tables) too_many(u, max_tables, "tables");
        if (local == static_cast<int>(w->tables.size())) w->tables.push_back(known);
        f.table = local;
      }
    const auto need = [&](const auto& self, int q) -> void {
      if (q < 0 || contains(needed, q)) return;
      needed.push_back(q);
      const trace::quantity& of = at(trace_.quantities, q);
      for (const int other : {of.a, of.b, of.c, of.d}) self(self, other);
    };
    for (const int q : stored)
      if (q != scale_) need(need, q);
    if (u >= 0)
      for (const int q : at(numbers_, u))
        if (at(trace_.quantities, q).what == operation::keep) need(need, q);
    std::sort(needed.begin(), needed.end());
    const auto place = [&](int q) {
      return q < 0 ? -1 : static_cast<int>(std::lower_bound(needed.begin(), needed.end(), q) - needed.begin());
    };

    measure m;
    std::vector<int> rows;  // targets
    const auto formed_row = [&](int i) {
      if (const auto known = std::find(rows.begin(), rows.end(), i); known != rows.end())
        return static_cast<int>(known - rows.begin());
      if (m.form.row_count == max_rows) too_many(u, max_rows, "rows of a measure");
      const int j = m.form.row_count++;
      rows.push_back(i);
      at(m.form.rows, j).buffer = -1;
      for (const auto& [of, scratch] : scratch_)
        if (of == i) at(m.form.rows, j).buffer = scratch;
      const expression value = unwritten(at(targets_, i).value, u);
      for (const auto& [a, c] : value.terms())
        if (base(a) != a) throw std::invalid_argument("fokker: a number is asked of what other numbers multiply");
      fill(m.form, j, value, u, buffer, {});
      return j;
    };
    for (const int q : needed) {
      const trace::quantity of = at(trace_.quantities, q);
      operation o{.what = of.what, .a = place(of.a), .b = place(of.b), .c = place(of.c), .d = place(of.d)};
      o.value = of.value;
      if (of.what == operation::found) {
        measured found{.what = of.how, .a = formed_row(at(measured_, q).front()), .over = of.over, .q = of.q};
        if (of.how == measured::dot) found.b = formed_row(at(measured_, q).back());
        o.index = static_cast<int>(std::find(m.of.begin(), m.of.end(), found) - m.of.begin());
        if (o.index == static_cast<int>(m.of.size())) m.of.push_back(found);
      } else if (of.what == operation::load || of.what == operation::keep) {
        o.index = of.kept;
      }
      m.tape.push_back(o);
    }
    for (std::size_t k = 0; k < needed.size(); ++k)
      if (m.tape[k].what == operation::count) m.tape[k].index = counted(m, at(trace_.quantities, needed[k]).over);
    std::vector<int> tables;
    for (const int q : stored) {
      const axes over = at(trace_.quantities, q).over;
      auto id = static_cast<int>(trace_.planes.size());
      while (id < static_cast<int>(p.tables.size()) &&
             (!at(p.tables, id).name.empty() || at(p.tables, id).over != over || contains(tables, id)))
        ++id;
      if (id == static_cast<int>(p.tables.size())) p.tables.push_back({over});
      tables.push_back(id);
      if (q == scale_)
        limiting.tape.back().index = id;
      else
        m.tape.push_back({.what = operation::store, .a = place(q), .index = id});
    }
    if (m.tape.size() > max_operations) too_many(u, max_operations, "operations on numbers");
    for (update* w : {&limiting.form, &written})
      for (int& t : w->tables) t = t < 0 ? -1 - t : at(tables, t);
    std::vector<measure> all;
    if (!needed.empty()) all.push_back(std::move(m));
    if (!limiting.of.empty()) all.push_back(std::move(limiting));
    return all;
  }
  /// The measured number whose groups are those of `over`: its elements are counted.
  [[nodiscard]] static int counted(measure& m, const axes& over) {
    for (std::size_t i = 0; i < m.of.size(); ++i)
      if (m.of[i].over == over) return static_cast<int>(i);
    if (m.form.row_count == 0) at(m.form.rows, m.form.row_count++).buffer = -1;
    m.of.push_back({.what = measured::sum, .over = over});
    return static_cast<int>(m.of.size()) - 1;
  }

  /// The first update when x starts as noise: the start is sigma z, and it is written only where it is read again.
  [[nodiscard]] update drawn(update w, bool start_lives) const {
    const double sigma = trace_.levels.front().sigma;
    const operand start{operand::buffer, 0};
    const auto s = std::find(w.inputs.begin(), w.inputs.begin() + w.input_count, start) - w.inputs.begin();
    const bool reads = s < w.input_count;
    if (w.normal_count == max_normals)
      throw std::invalid_argument(detail::joined({"fokker: the update before the first call needs more than ",
                                                  detail::text(max_normals), " normals, the start among them"}));
    const auto q = static_cast<std::size_t>(w.normal_count++);
    w.normals[q] = {{normal::start, 0}};
    if (reads) {  // the operand is no more: those behind it move up
      for (auto& r : w.rows) {
        r.normals[q] = at(r.inputs, s) * sigma;
        std::copy(r.inputs.begin() + s + 1, r.inputs.end(), r.inputs.begin() + s);
        r.inputs.back() = 0;
      }
      std::copy(w.inputs.begin() + s + 1, w.inputs.end(), w.inputs.begin() + s);
      w.inputs.back() = {};
      --w.input_count;
      for (factor& f : w.factors) {
        if (f.of != factor::input) continue;
        if (f.index == s) {
          f.of = factor::normal;
          f.index = static_cast<int>(q);
          f.by *= sigma;
        } else if (f.index > s) {
          --f.index;
        }
      }
    }
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
  std::vector<std::vector<int>> slots_;       // targets by slot + 1
  std::vector<std::vector<int>> users_;       // targets that read an atom, by atom
  std::vector<int> born_;                     // the slot that writes a tensor, by atom
  std::vector<int> called_;                   // the last call that reads a tensor as its input, by atom
  std::vector<std::vector<atom>> products_;   // by call
  std::vector<std::vector<int>> measured_;    // by quantity: the targets that it is found of
  std::vector<std::vector<int>> numbers_;     // the quantities that are needed, by call
  std::vector<std::pair<int, int>> scratch_;  // of the slot: targets that quantiles are asked of, and their buffers
  int scale_ = -1;                            // the number that the last limited data are scaled by
  std::vector<atom> previews_;
  atom result_ = 0;
  atom error_ = -1;
};

}  // namespace fokker::inline v0::plan
