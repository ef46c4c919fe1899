// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace fokker::inline v0::plan {

/// A tensor that a plan can name: the start, a network input, a kept value, a prediction or a normal.
/// Atoms are numbered in the order in which the solver meets them.
using atom = int;

/// A linear combination of atoms with known coefficients: what a solver computes with instead of tensors.
class expression {
 public:
  struct term {
    atom of = 0;
    double coefficient = 0;
    friend bool operator==(const term&, const term&) = default;
  };

  expression() = default;
  explicit expression(atom a, double coefficient = 1) : terms_{{a, coefficient}} {}

  [[nodiscard]] const std::vector<term>& terms() const { return terms_; }  ///< sorted by atom, none of them 0
  [[nodiscard]] bool empty() const { return terms_.empty(); }
  [[nodiscard]] double operator[](atom a) const {
    for (const term& t : terms_)
      if (t.of == a) return t.coefficient;
    return 0;
  }

  /// *this += factor * other, each coefficient by one fma, so that no compiler flag changes a bit of it.
  expression& add(const expression& other, double factor = 1) {
    std::vector<term> sum;
    sum.reserve(terms_.size() + other.terms_.size());
    auto a = terms_.begin();
    const auto keep = [&sum](atom of, double c) {
      if (c != 0) sum.push_back({of, c});
    };
    for (const term& b : other.terms_) {
      for (; a != terms_.end() && a->of < b.of; ++a) sum.push_back(*a);
      if (a != terms_.end() && a->of == b.of)
        keep(b.of, std::fma(factor, b.coefficient, (a++)->coefficient));
      else
        keep(b.of, factor * b.coefficient);
    }
    for (; a != terms_.end(); ++a) sum.push_back(*a);
    terms_ = static_cast<std::vector<term>&&>(sum);
    return *this;
  }

  /// The terms whose atoms satisfy `wanted`.
  template <class Predicate>
  [[nodiscard]] expression where(Predicate wanted) const {
    expression part;
    for (const term& t : terms_)
      if (wanted(t.of)) part.terms_.push_back(t);
    return part;
  }

  /// Puts `value` in the place of atom `a`.
  void substitute(atom a, const expression& value) {
    const double c = (*this)[a];
    if (c == 0) return;
    *this = where([a](atom b) { return b != a; });
    add(value, c);
  }

  friend bool operator==(const expression&, const expression&) = default;

 private:
  std::vector<term> terms_;
};

[[nodiscard]] inline expression operator*(double factor, const expression& e) { return expression().add(e, factor); }
[[nodiscard]] inline expression operator*(const expression& e, double factor) { return factor * e; }
[[nodiscard]] inline expression operator/(const expression& e, double divisor) {
  expression quotient;
  for (const auto& [of, coefficient] : e.terms()) quotient.add(expression(of, coefficient / divisor));
  return quotient;
}
[[nodiscard]] inline expression operator+(expression a, const expression& b) { return a.add(b); }
[[nodiscard]] inline expression operator-(expression a, const expression& b) { return a.add(b, -1); }
[[nodiscard]] inline expression operator-(const expression& e) { return -1.0 * e; }

/// f such that p = f q to rounding, else 0.
[[nodiscard]] inline double multiple(const expression& p, const expression& q) {
  const auto &a = p.terms(), &b = q.terms();
  if (a.empty() || a.size() != b.size()) return 0;
  const double factor = a.front().coefficient / b.front().coefficient;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].of != b[i].of ||
        !(std::abs(std::fma(-factor, b[i].coefficient, a[i].coefficient)) <= 1e-14 * std::abs(a[i].coefficient)))
      return 0;
  return factor;
}

}  // namespace fokker::inline v0::plan
