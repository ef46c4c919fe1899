// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/draft.hpp>
#include <fokker/plan/order.hpp>

namespace fokker::inline v0::plan {

/// Gives the products of a trace the places that products have, in order.
inline void arrange(trace& said) {
  std::vector<atom> places;
  for (std::size_t a = 0; a < said.symbols.size(); ++a)
    if (said.symbols[a].what == trace::kind::product) places.push_back(static_cast<atom>(a));
  std::vector<atom> sorted = places;
  std::sort(sorted.begin(), sorted.end(), order(said));
  std::vector<atom> place(said.symbols.size());
  for (std::size_t a = 0; a < place.size(); ++a) place[a] = static_cast<atom>(a);
  const std::vector<trace::symbol> before = said.symbols;
  for (std::size_t i = 0; i < places.size(); ++i) {
    nth(place, sorted[i]) = places[i];
    nth(said.symbols, places[i]) = nth(before, sorted[i]);
  }
  const auto move = [&place](expression& e) {
    expression moved;
    for (const auto& [of, coefficient] : e.terms()) moved.add(expression(nth(place, of), coefficient));
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

/// The first phase: what was said becomes targets, a tensor each, besides those that previews and measures ask for.
class collector {
 public:
  explicit collector(draft& d) : d_(d) {}

  void operator()() {
    arrange(d_.said);
    d_.products.resize(d_.said.calls.size());
    d_.grow();
    d_.slots.resize(d_.said.calls.size() + 1);
    for (trace::kept& k : d_.said.keeps) d_.add({k.name, d_.guided(std::move(k.value)), k.after, false, k.limit});
    for (int c = 0; c < d_.calls(); ++c) {
      nth(d_.called, d_.call(c).input) = c;
      if (!d_.call(c).value.empty()) d_.add({d_.call(c).input, d_.guided(std::move(d_.call(c).value)), c - 1});
    }
    d_.result = d_.name({trace::kind::input, d_.calls()}, d_.calls() - 1);
    d_.add({d_.result, d_.guided(std::move(d_.said.result)), d_.calls() - 1});
    if (!d_.said.error.empty()) {
      d_.error = d_.name({trace::kind::kept, -1}, d_.calls() - 1);
      d_.add({d_.error, d_.guided(std::move(d_.said.error)), d_.calls() - 1});
    }
    for (const draft::target& t : d_.targets) d_.crowded = d_.crowded || t.value.terms().size() > max_inputs;
    if (d_.preview)
      for (int c = 0; c < d_.calls(); ++c) d_.previews.push_back(preview_of(c));
    d_.rows_of.resize(d_.said.quantities.size());
    d_.numbers.resize(d_.said.calls.size());
    std::size_t next = 0;
    while (next < d_.targets.size()) {  // more of them are found
      const expression value = d_.targets[next++].value;
      for (const auto& [a, c] : value.terms())
        if (d_.symbol(a).quantity >= 0) find(d_.symbol(a).quantity);
    }
    // Numbers that are kept are found where a run reports them or a number that is found later is made of them.
    std::vector<char> wanted(d_.said.scalars.size(), 0);
    for (auto q = static_cast<int>(d_.said.quantities.size()); q-- > 0;) {
      const trace::quantity& of = nth(d_.said.quantities, q);
      if (of.what == operation::load && !nth(d_.rows_of, q).empty()) nth(wanted, of.kept) = 1;
      if (of.what == operation::keep && (nth(wanted, of.kept) != 0 || !nth(d_.said.scalars, of.kept).name.empty()))
        find(q);
    }
    for (std::vector<int>& of_call : d_.numbers) std::sort(of_call.begin(), of_call.end());
  }

 private:
  /// Names the rows that the measure of a quantity, and of those that it is made of, is to form.
  void find(int quantity) {
    if (quantity < 0 || !nth(d_.rows_of, quantity).empty()) return;
    const trace::quantity q = nth(d_.said.quantities, quantity);
    nth(d_.rows_of, quantity).push_back(-1);
    for (const int other : {q.a, q.b, q.c, q.d}) find(other);
    if (q.call >= 0) nth(d_.numbers, q.call).push_back(quantity);
    if (q.what != operation::found) return;
    nth(d_.rows_of, quantity).front() = formed(d_.guided(q.of), q.call);
    if (q.how == measured::dot) nth(d_.rows_of, quantity).push_back(formed(d_.guided(q.with), q.call));
  }
  /// The target whose value is what a measure forms.
  [[nodiscard]] int formed(const expression& e, int slot) {
    for (const int i : nth(d_.slots, slot + 1))
      if (nth(d_.targets, i).measured && nth(d_.targets, i).value == e) return i;
    d_.add({d_.name({trace::kind::kept, -1}, slot), e, slot, false, {}, true});
    return static_cast<int>(d_.targets.size()) - 1;
  }

  /// The x0-prediction of call c: a kept value of the same numbers, or one more row.
  atom preview_of(int c) {
    if (d_.call(c).limited != 0) return d_.call(c).limited;
    const conversion q = convert(d_.call(c).at, d_.call(c).guides, {1, 0});
    if (!q.determined)
      throw std::invalid_argument(
          detail::joined({"fokker: preview: a prediction of ", d_.said.predicts, " does not determine data at time ",
                          detail::text(d_.call(c).at.time)}));
    const expression data = d_.guided(q.of_x * (expression(d_.call(c).input) / d_.call(c).input_scale) +
                                      expression(d_.call(c).guided, q.of_p));
    for (const int i : nth(d_.slots, c + 1))
      if (multiple(data, nth(d_.targets, i).value) == 1) return nth(d_.targets, i).name;
    const atom a = d_.name({trace::kind::kept, -1}, c);
    d_.add({a, data, c});
    return a;
  }

  draft& d_;
};

}  // namespace fokker::inline v0::plan
