// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/plan/builder.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/scalar.hpp>
#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// What a solver said on its way to a program: tensors by the slot that writes them, and who reads them. Slot u is the
/// update after call u, slot -1 the one before the first call.
struct draft {
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

  trace said;
  bool preview;
  bool crowded = false;  // something reads more than an update can: limited data are to be carried in sums as well
  std::vector<target> targets;
  std::vector<std::vector<int>> slots;      // targets by slot + 1
  std::vector<std::vector<int>> users;      // targets that read an atom, by atom
  std::vector<int> born;                    // the slot that writes a tensor, by atom
  std::vector<int> called;                  // the last call that reads a tensor as its input, by atom
  std::vector<std::vector<atom>> products;  // by call
  std::vector<std::vector<int>> rows_of;    // by quantity: the targets that it is found of
  std::vector<std::vector<int>> numbers;    // the quantities that are needed, by call
  std::vector<atom> previews;
  atom result = 0;
  atom error = -1;

  draft(trace what, bool with_preview) : said(std::move(what)), preview(with_preview) {}

  [[nodiscard]] int calls() const { return static_cast<int>(said.calls.size()); }
  [[nodiscard]] const trace::symbol& symbol(atom a) const { return nth(said.symbols, a); }
  [[nodiscard]] trace::call& call(int c) { return nth(said.calls, c); }
  [[nodiscard]] bool is_output(atom a, int c) const {
    const trace::symbol& s = symbol(a);
    if (s.what == trace::kind::product && s.plane >= 0) return is_output(s.of, c);
    return (s.what == trace::kind::branch || s.what == trace::kind::product) && s.index == c;
  }
  [[nodiscard]] bool is_tensor(atom a) const {
    const auto what = symbol(a).what;
    return what == trace::kind::start || what == trace::kind::input || what == trace::kind::kept;
  }
  [[nodiscard]] int slot_of(atom a) const { return nth(born, a); }
  [[nodiscard]] static bool contains(const std::vector<int>& list, int entry) {
    return std::find(list.begin(), list.end(), entry) != list.end();
  }

  atom name(trace::symbol s, int slot) {
    said.symbols.push_back(s);
    grow();
    born.back() = slot;
    return static_cast<atom>(said.symbols.size()) - 1;
  }
  /// Lists by atom are as long as that of the atoms.
  void grow() {
    for (std::size_t a = users.size(); a < said.symbols.size(); ++a)
      if (const trace::symbol& s = said.symbols[a]; s.what == trace::kind::product) {
        const int call = s.plane < 0 ? s.index : symbol(s.of).what == trace::kind::branch ? symbol(s.of).index : -1;
        if (call >= 0) nth(products, call).push_back(static_cast<atom>(a));
      }
    born.resize(said.symbols.size(), -2);
    users.resize(said.symbols.size());
    called.resize(said.symbols.size(), -1);
  }

  /// The tensor that a term reads: a product reads what it multiplies.
  [[nodiscard]] atom base(atom a) const { return symbol(a).what == trace::kind::product ? symbol(a).of : a; }
  [[nodiscard]] bool mentions(const expression& e, atom a) const {
    return std::any_of(e.terms().begin(), e.terms().end(), [&](const auto& t) { return t.of == a || base(t.of) == a; });
  }

  /// What a product multiplies by, times what an expression says.
  [[nodiscard]] expression times(const trace::symbol& by, const expression& e) {
    expression product = by.plane >= 0 ? plane(said, by.plane) * e : scalar(said, by.quantity) * e;
    grow();
    return product;
  }
  /// Puts `value` in the place of atom `a`, also where a number multiplies it.
  void put(expression& e, atom a, const expression& value) {
    e.substitute(a, value);
    const expression before = e;
    for (const auto& [product, coefficient] : before.terms())
      if (product != base(product) && base(product) == a)
        e.substitute(product, times(trace::symbol(symbol(product)), value));
  }
  /// Replaces guided predictions by what the guidance made of the branches.
  [[nodiscard]] expression guided(expression e) {
    const expression before = e;
    for (const auto& [a, coefficient] : before.terms())
      if (const atom b = base(a); symbol(b).what == trace::kind::guided)
        put(e, b, nth(said.calls, symbol(b).index).guidance);
    return e;
  }

  void use(const expression& e, int i) {
    for (const auto& [a, c] : e.terms()) {
      nth(users, a).push_back(i);
      if (base(a) != a) nth(users, base(a)).push_back(i);
    }
  }
  void add(target t) {
    nth(born, t.name) = t.slot;
    use(t.value, static_cast<int>(targets.size()));
    nth(slots, t.slot + 1).push_back(static_cast<int>(targets.size()));
    targets.push_back(std::move(t));
  }

  /// Whether a tensor is read after slot u by anything but `except`.
  [[nodiscard]] bool read_elsewhere(atom a, int u, const std::vector<int>& except) const {
    if (symbol(a).what == trace::kind::given) return true;  // it is there throughout
    if (base(a) != a && symbol(a).plane >= 0) return read_elsewhere(base(a), u, except);
    if (nth(called, a) > u) return true;
    const std::vector<int>& readers = nth(users, a);
    // From the last one: what is read in all steps is found at once.
    return std::any_of(readers.rbegin(), readers.rend(), [&](int i) {
      const target& t = nth(targets, i);
      return t.slot > u && mentions(t.value, a) && !contains(except, i);
    });
  }

  /// Whether somebody outside of the plan reads a tensor.
  [[nodiscard]] bool is_asked_for(atom a) const {
    return a == error || (preview && slot_of(a) >= 0 && nth(previews, slot_of(a)) == a);
  }

  [[nodiscard]] static bool is_written(const target& t) { return !t.dropped && !t.measured; }
  [[nodiscard]] bool is_input(const target& t) const { return symbol(t.name).what == trace::kind::input; }
};

}  // namespace fokker::inline v0::plan
