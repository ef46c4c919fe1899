// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// An order of numbers and of their products by what they are, not by when they were written down: where a sum has
/// several, each compiler chooses which is written first, and a plan is to be the same by all.
class order {
 public:
  explicit order(const trace& said) : said_(&said) {}

  /// Whether atom a comes before b: products by what is multiplied, then by the number; others as they were said.
  [[nodiscard]] bool operator()(atom a, atom b) const {
    return compared(at(said_->symbols, a), at(said_->symbols, b), a, b) < 0;
  }

  /// Below 0 where number p comes first, above 0 where q does; 0 for one number.
  [[nodiscard]] int compared(int p, int q) const {
    if (p == q) return 0;
    if (p < 0 || q < 0) return p < q ? -1 : 1;
    const trace::quantity &a = at(said_->quantities, p), &b = at(said_->quantities, q);
    const auto key = [](const trace::quantity& n) {
      return std::tuple(n.call, n.what, n.value, n.kept, n.over.first, n.over.count, n.how, n.q);
    };
    if (key(a) != key(b)) return key(a) < key(b) ? -1 : 1;
    for (const auto part : {&trace::quantity::of, &trace::quantity::with})
      if (const int c = compared(a.*part, b.*part); c != 0) return c;
    for (const auto operand : {&trace::quantity::a, &trace::quantity::b, &trace::quantity::c, &trace::quantity::d})
      if (const int c = compared(a.*operand, b.*operand); c != 0) return c;
    return 0;
  }
  /// The same of tensors that have no products.
  [[nodiscard]] static int compared(const expression& a, const expression& b) {
    const auto before = [](const auto& s, const auto& t) {
      return std::pair(s.of, s.coefficient) < std::pair(t.of, t.coefficient);
    };
    const auto &s = a.terms(), &t = b.terms();
    if (std::lexicographical_compare(s.begin(), s.end(), t.begin(), t.end(), before)) return -1;
    return std::lexicographical_compare(t.begin(), t.end(), s.begin(), s.end(), before) ? 1 : 0;
  }

 private:
  [[nodiscard]] int compared(const trace::symbol& s, const trace::symbol& t, atom a, atom b) const {
    const bool first = s.what == trace::kind::product, second = t.what == trace::kind::product;
    const auto key = [](const trace::symbol& p) { return std::tuple(p.index, p.of, p.plane); };
    if (!first || !second) return std::pair(first, a) < std::pair(second, b) ? -1 : a == b ? 0 : 1;
    if (key(s) != key(t)) return key(s) < key(t) ? -1 : 1;
    return compared(s.quantity, t.quantity);
  }

  const trace* said_;
};

/// Gives the products of a trace the places that products have, in order.
inline void arrange(trace& said) {
  std::vector<atom> places;
  for (std::size_t a = 0; a < said.symbols.size(); ++a)
    if (said.symbols[a].what == trace::kind::product) places.push_back(static_cast<atom>(a));
  std::vector<atom> sorted = places;
  std::stable_sort(sorted.begin(), sorted.end(), order(said));
  std::vector<atom> place(said.symbols.size());
  for (std::size_t a = 0; a < place.size(); ++a) place[a] = static_cast<atom>(a);
  const std::vector<trace::symbol> before = said.symbols;
  for (std::size_t i = 0; i < places.size(); ++i) {
    at(place, sorted[i]) = places[i];
    at(said.symbols, places[i]) = at(before, sorted[i]);
  }
  const auto move = [&place](expression& e) {
    expression moved;
    for (const auto& [of, coefficient] : e.terms()) moved.add(expression(at(place, of), coefficient));
    e = std::move(moved);
  };
  for (trace::call& c : said.calls) {
    move(c.value);
    move(c.guidance);
  }
  for (trace::kept& k : said.keeps) move(k.value);
  move(said.result);
  move(said.error);
}

}  // namespace fokker::inline v0::plan
