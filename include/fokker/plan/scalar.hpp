// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/plan/order.hpp>
#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// A number that is known only while sampling, one a group: of each sample, or of what `over` names within it. What is
/// computed with it is written down, and done in double between the network call and the update that follows it. NaN
/// spreads.
class scalar {
 public:
  scalar(trace& said, int index) : said_(&said), index_(index) {}

  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] const trace::quantity& quantity() const { return nth(said_->quantities, index_); }

  /// A quantity that is written down, once.
  [[nodiscard]] static scalar of(trace& said, trace::quantity q) {
    auto& all = said.quantities;
    const int call = q.call < 0 ? static_cast<int>(said.calls.size()) - 1 : q.call;
    for (std::size_t i = all.size(); i > 0 && (all[i - 1].call < 0 || all[i - 1].call == call); --i)
      if (all[i - 1] == q) return {said, static_cast<int>(i) - 1};
    all.push_back(static_cast<trace::quantity&&>(q));
    return {said, static_cast<int>(all.size()) - 1};
  }

  /// The operation `what` on scalars and numbers. Throws std::invalid_argument for those of two calls, and for those of
  /// two groupings; a number of a sample goes with any.
  template <class... Operands>
  [[nodiscard]] static scalar computed(operation::kind what, const Operands&... operands) {
    trace* said = nullptr;
    (find(said, operands), ...);
    trace::quantity q{.what = what};
    int* const places[] = {&q.a, &q.b, &q.c, &q.d};
    int count = 0;
    const auto take = [&](const scalar& operand) {
      const trace::quantity& from = operand.quantity();
      *places[count++] = operand.index_;
      if (q.over == axes{}) q.over = from.over;
      if (from.over != axes{} && from.over != q.over)
        detail::refuse("the axes of a number", axes_text(from.over),
                       detail::joined({"{}, or ", axes_text(q.over), ", as of the other"}));
      if (q.call < 0) q.call = from.call;
      if (from.call >= 0 && from.call != q.call)
        detail::refuse("the call of a number", from.call,
                       detail::joined({detail::text(q.call), ", as of the other: one that is kept can be used later"}));
    };
    (take(taken(*said, operands)), ...);
    return of(*said, static_cast<trace::quantity&&>(q));
  }

  /// The atom of this number times another, written down once.
  [[nodiscard]] atom times(atom a) const {
    const trace::symbol s = nth(said_->symbols, a);
    const bool again = s.what == trace::kind::product;
    if (s.plane >= 0)
      detail::refuse("what a number multiplies", "multiplied by a plane", "a tensor that none multiplies");
    const int by = again ? computed(operation::multiply, *this, scalar(*said_, s.quantity)).index_ : index_;
    const trace::symbol product{
        .what = trace::kind::product, .index = nth(said_->quantities, by).call, .quantity = by, .of = again ? s.of : a};
    if (product.index < 0) detail::refuse("the call of a number", "none", "one of what a call finds");
    auto& all = said_->symbols;
    for (std::size_t i = all.size() - 1; i > 0 && static_cast<int>(i) > nth(said_->calls, product.index).guided; --i)
      if (all[i] == product) return static_cast<atom>(i);
    all.push_back(product);
    return static_cast<atom>(all.size()) - 1;
  }

  /// What a measure finds of each group of one tensor, or of two, after the last call. A tensor that numbers multiply
  /// is taken apart, since sums and products are linear in it; throws std::invalid_argument for a quantile of one.
  [[nodiscard]] static scalar found(trace& said, measured::kind how, const expression& a, const expression& b,
                                    axes over, double q = 0) {
    if (said.calls.empty()) detail::refuse("a number", "asked for before the first call", "after one");
    if (over.first < 0 || over.count < 0) detail::refuse("the axes of a number", axes_text(over), "none below 0");
    if (over.count == 0) over = {};
    const trace::quantity one{
        .what = operation::found, .how = how, .q = q, .over = over, .call = static_cast<int>(said.calls.size()) - 1};
    std::optional<scalar> sum;
    const auto left = apart(said, a), right = how == measured::dot ? apart(said, b) : parts{{-1, {}}};
    const bool square = left == right;  // whose pairs are the same both ways
    for (std::size_t i = 0; i < left.size(); ++i)
      for (std::size_t j = square ? i : 0; j < right.size(); ++j) {
        const auto& [s, of] = left[i];
        const auto& [t, with] = right[j];
        if (how == measured::quantile && s >= 0)
          detail::refuse("a quantile", "of what numbers multiply", "of predictions and x");
        trace::quantity part = one;
        part.of = of;
        part.with = with;
        scalar term = plain(said, std::move(part));
        for (const int factor : {s, t})
          if (factor >= 0) {
            const scalar by(said, factor);
            if (const axes& others = by.quantity().over; others != axes{} && others != over)
              detail::refuse("the axes of a number that is found of what others multiply", axes_text(over),
                             detail::joined({axes_text(others), ", as of the others"}));
            term = computed(operation::multiply, by, term);
          }
        if (square && j > i) term = computed(operation::add, term, term);
        sum = sum ? computed(operation::add, *sum, term) : term;
      }
    return *sum;
  }
  /// The number of elements of a group.
  [[nodiscard]] static scalar counted(trace& said, axes over) {
    return of(said, {.what = operation::count, .over = over, .call = static_cast<int>(said.calls.size()) - 1});
  }

  /// A number of each group times a tensor. It is read by the update after its call; what a later one needs of it is
  /// carried.
  friend expression operator*(const scalar& s, const expression& e) {
    expression product;
    for (const auto& [of, coefficient] : e.terms()) product.add(expression(s.times(of), coefficient));
    return product;
  }
  friend expression operator*(const expression& e, const scalar& s) { return s * e; }

 private:
  static void find(trace*& said, const scalar& s) { said = s.said_; }
  static void find(trace*&, double) {}
  [[nodiscard]] static scalar taken(trace&, const scalar& s) { return s; }
  [[nodiscard]] static scalar taken(trace& said, double value) { return of(said, {.value = value}); }
  [[nodiscard]] static std::string axes_text(const axes& over) {
    return detail::joined({"{", detail::text(over.first), ", ", detail::text(over.count), "}"});
  }

  /// How often an expression has the tensor of ones; 0 where it has others, which are never beside it.
  [[nodiscard]] static double ones(const trace& said, const expression& e) {
    return e.terms().size() == 1 && nth(said.symbols, e.terms().front().of).what == trace::kind::one
               ? e.terms().front().coefficient
               : 0;
  }
  /// A number that is found of tensors that no numbers multiply; of ones it is a sum of the others, or counted.
  [[nodiscard]] static scalar plain(trace& said, trace::quantity part) {
    const double c = ones(said, part.of), d = ones(said, part.with);
    if (c != 0 && (d != 0 || part.how == measured::sum))
      return computed(operation::multiply, d != 0 ? detail::rounded_product(c, d) : c, counted(said, part.over));
    if (c != 0 || d != 0) {
      part.how = measured::sum;
      part.of = c != 0 ? std::exchange(part.with, {}) : part.of;
      part.with = {};
      return computed(operation::multiply, c != 0 ? c : d, plain(said, std::move(part)));
    }
    const double scale = part.how == measured::quantile ? 1 : known(said, part.of) * known(said, part.with);
    if (part.how == measured::dot && order::compared(part.with, part.of) < 0) std::swap(part.of, part.with);
    const scalar term = scalar::of(said, std::move(part));
    return scale != 1 ? computed(operation::multiply, scale, term) : term;
  }

  /// Whether the last call asks for a number already that is such.
  template <class Predicate>
  [[nodiscard]] static bool asks(const trace& said, Predicate is_such) {
    const auto& all = said.quantities;
    const int call = static_cast<int>(said.calls.size()) - 1;
    for (std::size_t i = all.size(); i > 0 && (all[i - 1].call < 0 || all[i - 1].call == call); --i)
      if (all[i - 1].what == operation::found && is_such(all[i - 1])) return true;
    return false;
  }
  /// The factor by which a tensor is a multiple of one that the call asks for already, whose place it takes; else 1. A
  /// plain sum or difference stays: what agrees to the bit is 0 in it alone.
  [[nodiscard]] static double known(const trace& said, expression& e) {
    const auto is_plain = [](const auto& term) { return term.coefficient == 1 || term.coefficient == -1; };
    if (std::all_of(e.terms().begin(), e.terms().end(), is_plain)) return 1;
    double factor = 0;
    static_cast<void>(asks(said, [&](const trace::quantity& q) {
      const expression& other = multiple(e, q.of) != 0 ? q.of : q.with;
      factor = multiple(e, other);
      if (factor != 0) e = other;
      return factor != 0;
    }));
    return factor != 0 ? factor : 1;
  }

  using parts = std::vector<std::pair<int, expression>>;
  /// A tensor as a sum of tensors times numbers, -1 for none, what the call keeps by what it is made of.
  [[nodiscard]] static parts apart(trace& said, expression e) {
    const int call = static_cast<int>(said.calls.size()) - 1;
    for (std::size_t k = said.keeps.size(); k > 0 && said.keeps[k - 1].after == call; --k)
      if (const trace::kept& kept = said.keeps[k - 1]; kept.limit == data_limit{}) {
        e.substitute(kept.name, kept.value);
        const expression now = e;
        for (const auto& [a, c] : now.terms())
          if (const trace::symbol s = nth(said.symbols, a);
              s.what == trace::kind::product && s.plane < 0 && s.of == kept.name)
            e.substitute(a, scalar(said, s.quantity) * expression(kept.value));
      }
    parts found;
    const order before(said);
    std::vector<expression::term> terms;
    for (const expression::term& t : e.terms()) {
      auto place = terms.end();
      while (place != terms.begin() && before(t.of, (place - 1)->of)) --place;
      terms.insert(place, t);
    }
    for (const auto& [a, c] : terms) {
      const trace::symbol& s = nth(said.symbols, a);
      if (s.plane >= 0)
        detail::refuse("what a number is found of", "multiplied by a plane",
                       "predictions, x, and what numbers multiply");
      const bool product = s.what == trace::kind::product;
      const int by = product ? s.quantity : -1;
      const bool one = product && nth(said.symbols, s.of).what == trace::kind::one;
      auto same = std::find_if(found.begin(), found.end(), [&](const auto& part) {
        return part.first == by && one == (ones(said, part.second) != 0);
      });
      if (same == found.end()) same = found.insert(found.end(), {by, {}});
      same->second.add(expression(product ? s.of : a), c);
    }
    if (found.empty()) found.push_back({-1, {}});
    return found;
  }

  trace* said_;
  int index_;
};

template <class... Ts>
concept scalars = (std::same_as<Ts, scalar> || ...) && ((std::same_as<Ts, scalar> || std::is_arithmetic_v<Ts>)&&...);

template <class A, class B>
requires scalars<A, B>
[[nodiscard]] scalar operator+(const A& a, const B& b) { return scalar::computed(operation::add, a, b); }
template <class A, class B>
requires scalars<A, B>
[[nodiscard]] scalar operator-(const A& a, const B& b) { return scalar::computed(operation::subtract, a, b); }
template <class A, class B>
requires scalars<A, B>
[[nodiscard]] scalar operator*(const A& a, const B& b) { return scalar::computed(operation::multiply, a, b); }
/// a / b, and `otherwise` where b is 0: a quotient has to say what it means there.
template <class A, class B, class C>
requires scalars<A, B, C>
[[nodiscard]] scalar quotient(const A& a, const B& b, const C& otherwise) {
  return scalar::computed(operation::quotient, a, b, otherwise);
}
/// The square root; 0 below 0, where roundings may lead.
[[nodiscard]] inline scalar root(const scalar& a) { return scalar::computed(operation::root, a); }
template <class A, class B>
requires scalars<A, B>
[[nodiscard]] scalar least(const A& a, const B& b) { return scalar::computed(operation::least, a, b); }
template <class A, class B>
requires scalars<A, B>
[[nodiscard]] scalar largest(const A& a, const B& b) { return scalar::computed(operation::largest, a, b); }
/// a < b ? c : d
template <class A, class B, class C, class D>
requires scalars<A, B, C, D>
[[nodiscard]] scalar choose(const A& a, const B& b, const C& c, const D& d) {
  return scalar::computed(operation::choose, a, b, c, d);
}
[[nodiscard]] inline scalar exp(const scalar& a) { return scalar::computed(operation::exponential, a); }
[[nodiscard]] inline scalar log(const scalar& a) { return scalar::computed(operation::logarithm, a); }
/// Of angles in parts of pi: cos(pi a), sin(pi a), and acos(a) / pi from 0 to 1, also where roundings lead beyond.
[[nodiscard]] inline scalar cos_pi(const scalar& a) { return scalar::computed(operation::cosine, a); }
[[nodiscard]] inline scalar sin_pi(const scalar& a) { return scalar::computed(operation::sine, a); }
[[nodiscard]] inline scalar acos_pi(const scalar& a) { return scalar::computed(operation::arc_cosine, a); }

}  // namespace fokker::inline v0::plan
