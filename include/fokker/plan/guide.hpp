// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/opaque.hpp>
#include <fokker/plan/builder.hpp>
#include <fokker/plan/scalar.hpp>

namespace fokker::inline v0::plan {

/// What a guidance rule says: one of these. What a solver asks for is converted from it. A rule can leave the step that
/// begins here to one branch: the solver is told what that one says, and what the rule adds to its data is added to x,
/// times alpha, where the step ends.
struct guided {
  std::optional<expression> data{}, epsilon{}, velocity{}, score{}, flow{}, network{};
  std::optional<int> steps_by{};
};

/// What a rule within a rule says: a prediction in every parameterization, or what it said as it said it.
struct said : prediction {
  guided itself;
  operator guided() const { return itself; }  // NOLINT(google-explicit-constructor): a rule returns it as its own
};

class arrival;

/// Whether a rule changes x, too, which the outermost one alone is asked for.
template <class Rule>
concept has_arriving = requires(const Rule& rule, arrival& a, const expression& x) {
  rule.arriving(a, x);
};

/// What a guidance rule is written on: the predictions of its branches at one call, numbers that are found of them
/// while sampling, and what the rule remembers of earlier calls.
class guide {
 public:
  /// That of the builder's last call, for the outermost rule.
  template <class Rule>
  guide(builder& p, const Rule& rule)
      : planner_(&p), rule_(address(rule)), call_(static_cast<int>(p.trace_.calls.size()) - 1) {}

  /// What branch b said alone, in every parameterization.
  [[nodiscard]] prediction operator[](int b) const { return {planner_, call_, branch(b), at(), here().predicts}; }
  /// What branch b said, as it is: on its own where it is no prediction, such as a gradient.
  [[nodiscard]] expression raw(int b) const {
    planner_->trace_.calls.back().raw |= 1u << branch(b);
    return expression(here().guided + 1 + branch(b));
  }
  /// A gradient with respect to what the network reads, as one with respect to x.
  [[nodiscard]] expression gradient(int b) const { return here().input_scale * raw(b); }
  /// x at the call.
  [[nodiscard]] expression x() const { return planner_->network_inputs_.back(); }
  [[nodiscard]] const level& at() const { return here().at; }
  /// The levels of the grid; from one to the next where steps are chosen while sampling.
  [[nodiscard]] const std::vector<level>& levels() const { return planner_->trace_.levels; }
  /// The step of the grid, how many there are (0 where they are chosen while sampling, and then the step is refused),
  /// and which call of the step this is.
  [[nodiscard]] int step() const {
    detail::require_counted(steps());
    return here().step;
  }
  [[nodiscard]] int steps() const { return planner_->counted_steps(); }
  [[nodiscard]] moment now() const { return {at(), here().step, steps()}; }
  [[nodiscard]] int stage() const {
    const auto& calls = planner_->trace_.calls;
    int before = 0;
    for (std::size_t i = calls.size() - 1; i > 0 && calls[i - 1].step == here().step; --i) ++before;
    return before;
  }

  // Numbers, one for each group: of the sample, or of what `over` names within it.

  /// The sum of the products of two tensors.
  [[nodiscard]] scalar dot(const expression& a, const expression& b, axes over = {}) const {
    return scalar::found(planner_->trace_, measured::dot, a, b, over);
  }
  [[nodiscard]] scalar sum(const expression& a, axes over = {}) const {
    return scalar::found(planner_->trace_, measured::sum, a, {}, over);
  }
  /// The root of the sum of the squares.
  [[nodiscard]] scalar norm(const expression& a, axes over = {}) const { return root(dot(a, a, over)); }
  /// The deviation from the mean, of n - 1 degrees of freedom; 0 of one element.
  [[nodiscard]] scalar deviation(const expression& a, axes over = {}) const {
    const scalar n = count(over), total = sum(a, over);
    return root(quotient(dot(a, a, over) - total * quotient(total, n, 0), n - 1, 0));
  }
  /// The q-quantile of the magnitudes, which are written to memory for it.
  [[nodiscard]] scalar quantile(const expression& a, double q, axes over = {}) const {
    detail::require_within("a quantile", q, 0, 1);
    return scalar::found(planner_->trace_, measured::quantile, a, {}, over, q);
  }
  /// The number of elements.
  [[nodiscard]] scalar count(axes over = {}) const { return scalar::counted(planner_->trace_, over); }

  /// A tensor whose elements are the number of their group.
  [[nodiscard]] expression everywhere(const scalar& s) const { return expression(s.times(planner_->one())); }

  /// What the caller gives a run by these names: a tensor shaped as x, and numbers that multiply tensors.
  [[nodiscard]] expression given(std::string_view name) { return planner_->given(name); }
  [[nodiscard]] plan::plane plane(std::string_view name) { return planner_->plane(name); }
  /// What a plane can multiply: a tensor of its own where numbers that are found multiply a part of it.
  [[nodiscard]] expression whole(const expression& e) const {
    return planner_->is_multiplied(e) ? planner_->keep(e) : e;
  }

  // Memory of the rule, from one call to a later one.

  /// Keeps a tensor for later calls; what comes back is the same, rounded to memory where it is read from there. A rule
  /// that remembers several says which.
  expression remember(const expression& e, int which = 0) { return remember(e, which, at()); }
  /// The same of another level: a tensor that was remembered before moves on.
  expression remember(const expression& e, int which, const level& of) {
    require_now(e);
    builder::memory& m = memory(which);
    m.tensor = planner_->keep(e);
    m.at = of;
    return *m.tensor;
  }
  /// What was remembered last, or `otherwise` where nothing was.
  [[nodiscard]] expression remembered(const expression& otherwise = {}, int which = 0) {
    return memory(which).tensor.value_or(otherwise);
  }
  /// The level of the call that it was remembered at; none where nothing was.
  [[nodiscard]] std::optional<level> remembered_at(int which = 0) {
    const builder::memory& m = memory(which);
    return m.tensor ? std::optional(m.at) : std::nullopt;
  }
  /// Keeps a number of each group for later calls, in double. A rule that remembers several says which.
  void remember(const scalar& s, int which = 0) {
    require_now(s.quantity().call);
    trace& all = planner_->trace_;
    int& kept = memory(which).scalar;
    if (kept < 0) {
      kept = static_cast<int>(all.scalars.size());
      all.scalars.push_back({.over = s.quantity().over});
    }
    if (axes_of(kept) != s.quantity().over)
      detail::refuse("the axes of a number", "other ones", "those that it was remembered by");
    static_cast<void>(scalar::of(
        all, {.what = operation::keep, .a = s.index(), .over = s.quantity().over, .call = call_, .kept = kept}));
  }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  [[nodiscard]] scalar remembered(Number otherwise, int which = 0) {
    trace& all = planner_->trace_;
    const int kept = memory(which).scalar;
    if (kept < 0) return scalar::of(all, {.value = static_cast<double>(otherwise), .call = call_});
    return scalar::of(all, {.what = operation::load, .over = axes_of(kept), .call = call_, .kept = kept});
  }

  /// Tells a run a number of each group, at this call, by a name: stepper::report.
  void report(std::string_view name, const scalar& s) {
    require_now(s.quantity().call);
    trace& all = planner_->trace_;
    builder::require_name(name);
    const auto known =
        std::find_if(all.scalars.begin(), all.scalars.end(), [name](const kept_number& n) { return n.name == name; });
    const int kept = static_cast<int>(known - all.scalars.begin());
    if (known == all.scalars.end()) all.scalars.push_back({s.quantity().over, std::string(name)});
    if (axes_of(kept) != s.quantity().over)
      detail::refuse("the axes of a number", "other ones", "those that it was reported by");
    static_cast<void>(scalar::of(
        all, {.what = operation::keep, .a = s.index(), .over = s.quantity().over, .call = call_, .kept = kept}));
  }

  /// The weighted sum of what the branches said. Throws std::invalid_argument for weights whose sum is not 1, up to as
  /// many roundings of each and of their sum as there are weights.
  template <class Weights>
  requires(!std::is_convertible_v<const Weights&, expression>) [[nodiscard]] expression
      sum(const Weights& weights) const {
    double total = 0, size = 0;
    for (const double w : weights) total += w, size += std::abs(w);
    if (!detail::is_finite(total) || std::abs(total - 1) > 0x1p-52 * static_cast<double>(weights.size()) * size)
      detail::refuse(detail::joined({"call ", detail::text(call_), ", at time ", detail::text(at().time),
                                     ": the sum of the guidance's weights"}),
                     total, "1");
    expression combined;
    atom branch = here().guided + first_;
    for (const double w : weights) combined.add(expression(++branch), w);
    return combined;
  }

  /// What another rule says of the same call: one that this rule is made of, on the branches from number `first` on.
  template <guidance_rule Rule>
  [[nodiscard]] said operator()(const Rule& inner, int first = 0) {
    guide within = of(inner);
    const builder::place where{place_, within.rule_ - rule_, &type_of<Rule>, first};
    auto& places = planner_->places_;
    const auto known = std::find(places.begin(), places.end(), where);
    within.place_ = static_cast<int>(known - places.begin());
    if (known == places.end()) places.push_back(where);
    within.first_ += first;
    guided itself = asked(within, inner);
    if (itself.steps_by) {
      *itself.steps_by += first;
      planner_->steps_by_ = branch(*itself.steps_by);
    }
    planner_->sayings_.push_back(spoken(itself));
    const int index = -1 - static_cast<int>(planner_->sayings_.size());
    return {{planner_, call_, index, at(), here().predicts}, itself};
  }

  /// What stands for this rule says, such as a copy with another number: what both, and the rules within them, remember
  /// is one.
  template <guidance_rule Rule>
  [[nodiscard]] guided as(const Rule& copy) const {
    guide here = of(copy);
    return asked(here, copy);
  }

 private:
  template <class Guidance>
  friend rule rule_of(const Guidance&);

  /// This guide for another rule. Throws std::invalid_argument for one whose changes of x nobody would ask for.
  template <class Rule>
  [[nodiscard]] guide of(const Rule& other) const {
    if constexpr (has_arriving<Rule>)
      detail::refuse("a rule that changes x", "within another one", "the same around all others");
    guide moved(*this);
    moved.rule_ = address(other);
    return moved;
  }
  /// Throws std::invalid_argument unless it speaks of just one prediction.
  [[nodiscard]] builder::saying spoken(const guided& g) const {
    builder::saying s;
    int spoken = 0;
    const auto take = [&](const std::optional<expression>& e, prediction_row row) {
      if (e) s = {row, *e}, ++spoken;
    };
    take(g.data, parameterization::data{}.row(at()));
    take(g.epsilon, parameterization::epsilon{}.row(at()));
    take(g.velocity, parameterization::velocity{}.row(at()));
    take(g.score, parameterization::score{}.row(at()));
    take(g.flow, parameterization::flow{}.row(at()));
    take(g.network, here().predicts);
    if (spoken != 1) detail::refuse("the number of predictions that the guidance speaks of", spoken, "1");
    require_now(s.value);
    return s;
  }
  /// Numbers live until the update after their call.
  void require_now(int call) const {
    if (call >= 0 && call != call_)
      detail::refuse("the call of a number", call,
                     detail::joined({detail::text(call_), ": one that is remembered can be used later"}));
  }
  void require_now(const expression& e) const {
    for (const auto& [a, c] : e.terms())
      if (const trace::symbol& s = plan::nth(planner_->trace_.symbols, a); s.quantity >= 0) require_now(s.index);
  }
  void say(const guided& g) {
    planner_->guided(spoken(g));
    if (g.steps_by) planner_->steps_by_ = branch(*g.steps_by);
    if (g.steps_by && planner_->rule_.one_attempt)
      detail::refuse("the guidance", "added once a step", "one over time, where steps are chosen while sampling");
    if (planner_->steps_by_ >= 0 && !g.steps_by)
      detail::refuse("a rule that leaves the steps to one branch", "within one that changes what it says",
                     "the same around it");
  }
  /// What a rule says of the builder's last call, by its weights or written on a guide of its own.
  template <class Rule>
  [[nodiscard]] static guided asked(guide& here, const Rule& rule) {
    if constexpr (has_weights<Rule>)
      return {.network = here.sum(rule.weights(here.now()))};
    else
      return rule(here);
  }
  [[nodiscard]] const trace::call& here() const { return planner_->trace_.calls.back(); }
  [[nodiscard]] int branch(int b) const {
    const int last = planner_->trace_.branches - 1 - first_;
    if (b < 0 || b > last) detail::refuse("the branch", b, detail::joined({"0 to ", detail::text(last)}));
    return first_ + b;
  }
  [[nodiscard]] builder::memory& memory(int which = 0) {
    if (planner_->rule_.one_attempt)
      detail::refuse("the guidance", "with memory", "without, where a step may be rejected");
    for (builder::memory& m : planner_->memories_)
      if (m.place == place_ && m.which == which) return m;
    return planner_->memories_.emplace_back(builder::memory{.place = place_, .which = which});
  }
  [[nodiscard]] const axes& axes_of(int kept) const { return plan::nth(planner_->trace_.scalars, kept).over; }

  template <class Rule>
  static constexpr char type_of = 0;

  template <class Rule>
  [[nodiscard]] static std::uintptr_t address(const Rule& rule) {
    return reinterpret_cast<std::uintptr_t>(std::addressof(rule));
  }

  builder* planner_;
  std::uintptr_t rule_;
  int place_ = -1;
  int call_;
  int first_ = 0;
};

/// What x arrives at, where a rule changes it before each call and at the end.
class arrival {
 public:
  template <class Rule>
  arrival(builder& p, const Rule& rule, const moment& now) : planner_(&p), now_(now) {
    if (!p.trace_.calls.empty()) before_.emplace(p, rule);
  }
  [[nodiscard]] const level& at() const { return now_; }
  /// The level with the step that begins, at the end as many as there are.
  [[nodiscard]] const moment& now() const { return now_; }
  [[nodiscard]] expression given(std::string_view name) { return planner_->given(name); }
  [[nodiscard]] plan::plane plane(std::string_view name) { return planner_->plane(name); }
  /// A standard normal for what is known, another one each time.
  [[nodiscard]] expression normal() { return planner_->known_noise(); }
  /// The last call, whose update leads here, with what its branches said and the numbers that are found then; null
  /// before the first one.
  [[nodiscard]] guide* before() { return before_ ? &*before_ : nullptr; }

 private:
  builder* planner_;
  moment now_;
  std::optional<guide> before_;
};

/// A rule, its type forgotten; the rule must outlive what is planned with it.
template <class Guidance>
[[nodiscard]] rule rule_of(const Guidance& guidance) {
  if constexpr (holds_rule<Guidance>) return guidance.held();
  rule made{&guidance, guidance.branches, [](const void* object, builder& p) {
              const Guidance& g = detail::opaque(*static_cast<const Guidance*>(object));
              guide here(p, g);
              here.say(guide::asked(here, g));
            }};
  if constexpr (has_arriving<Guidance>)
    made.arriving = [](const void* object, builder& p, const expression& x, const moment& now) {
      const Guidance& g = detail::opaque(*static_cast<const Guidance*>(object));
      arrival here(p, g, now);
      return g.arriving(here, x);
    };
  return made;
}

}  // namespace fokker::inline v0::plan
