// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// An order of numbers and of their products by what they are, not by when they were written down: where a sum has
/// several, each compiler chooses which is written first, and a plan is to be the same by all.
class order {
 public:
  explicit order(const trace& said) : said_(&said) {}

  /// Whether atom a comes before b: products by what is multiplied, then by the number; others as they were said.
  [[nodiscard]] bool operator()(atom a, atom b) const {
    const int c = compared(nth(said_->symbols, a), nth(said_->symbols, b), a, b);
    return c != 0 ? c < 0 : a < b;
  }

  /// Below 0 where number p comes first, above 0 where q does; 0 for one number.
  [[nodiscard]] int compared(int p, int q) const {
    if (p == q) return 0;
    if (p < 0 || q < 0) return p < q ? -1 : 1;
    const trace::quantity &a = nth(said_->quantities, p), &b = nth(said_->quantities, q);
    for (const int c :
         {three_way(a.call, b.call), three_way(a.what, b.what), three_way(a.value, b.value), three_way(a.kept, b.kept),
          three_way(a.over.first, b.over.first), three_way(a.over.count, b.over.count), three_way(a.how, b.how),
          three_way(a.q, b.q), compared(a.of, b.of), compared(a.with, b.with)})
      if (c != 0) return c;
    for (const auto operand : {&trace::quantity::a, &trace::quantity::b, &trace::quantity::c, &trace::quantity::d})
      if (const int c = compared(a.*operand, b.*operand); c != 0) return c;
    return 0;
  }
  /// The same of tensors that have no products.
  [[nodiscard]] static int compared(const expression& a, const expression& b) {
    const auto &s = a.terms(), &t = b.terms();
    for (std::size_t i = 0; i < s.size() && i < t.size(); ++i)
      for (const int c : {three_way(s[i].of, t[i].of), three_way(s[i].coefficient, t[i].coefficient)})
        if (c != 0) return c;
    return three_way(s.size(), t.size());
  }

 private:
  template <class T>
  [[nodiscard]] static int three_way(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
  }
  [[nodiscard]] int compared(const trace::symbol& s, const trace::symbol& t, atom a, atom b) const {
    const bool first = s.what == trace::kind::product, second = t.what == trace::kind::product;
    if (!first || !second) return first == second ? three_way(a, b) : three_way(first, second);
    for (const int c : {three_way(s.index, t.index), three_way(s.of, t.of), three_way(s.plane, t.plane)})
      if (c != 0) return c;
    return compared(s.quantity, t.quantity);
  }

  const trace* said_;
};

}  // namespace fokker::inline v0::plan
