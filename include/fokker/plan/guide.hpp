// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/opaque.hpp>
#include <fokker/plan/builder.hpp>

namespace fokker::inline v0::plan {

/// What a guidance rule says: one of these. What a solver asks for is converted from it.
struct guided {
  std::optional<expression> data{}, epsilon{}, velocity{}, score{}, flow{}, network{};
};

/// What a guidance rule is written on: the predictions of its branches at one call.
class guide {
 public:
  explicit guide(builder& p) : planner_(&p), call_(static_cast<int>(p.trace_.calls.size()) - 1) {}

  /// What branch b said alone, in every parameterization.
  [[nodiscard]] prediction operator[](int b) const {
    if (b < 0 || b >= planner_->trace_.branches)
      detail::refuse("the branch", b, detail::joined({"0 to ", detail::text(planner_->trace_.branches - 1)}));
    return {planner_, call_, b, at(), here().predicts};
  }
  /// x at the call.
  [[nodiscard]] expression x() const { return planner_->network_inputs_.back(); }
  [[nodiscard]] const level& at() const { return here().at; }
  /// The step of the grid, how many there are (0 where they are chosen while sampling), and which call of the step
  /// this is.
  [[nodiscard]] int step() const { return here().step; }
  [[nodiscard]] int steps() const {
    return planner_->rule_.one_attempt ? 0 : static_cast<int>(planner_->trace_.levels.size()) - 1;
  }
  [[nodiscard]] moment now() const { return {at(), step(), steps()}; }
  [[nodiscard]] int stage() const {
    const auto& calls = planner_->trace_.calls;
    int before = 0;
    for (std::size_t i = calls.size() - 1; i > 0 && calls[i - 1].step == here().step; --i) ++before;
    return before;
  }

  /// The weighted sum of what the branches said. Throws std::invalid_argument for weights whose sum is not 1, up to as
  /// many roundings of each and of their sum as there are weights.
  template <class Weights>
  [[nodiscard]] expression sum(const Weights& weights) const {
    double total = 0, size = 0;
    for (const double w : weights) total += w, size += std::abs(w);
    if (!detail::is_finite(total) || std::abs(total - 1) > 0x1p-52 * static_cast<double>(weights.size()) * size)
      detail::refuse(detail::joined({"call ", detail::text(call_), ", at time ", detail::text(at().time),
                                     ": the sum of the guidance's weights"}),
                     total, "1");
    expression combined;
    atom branch = here().guided;
    for (const double w : weights) combined.add(expression(++branch), w);
    return combined;
  }

  /// Ends the rule. Throws std::invalid_argument unless it speaks of just one prediction.
  void operator()(guided said) {
    int spoken = 0;
    const auto take = [&](std::optional<expression>& e, prediction_row row) {
      if (!e) return;
      ++spoken;
      planner_->guided(row, std::move(*e));
    };
    take(said.data, parameterization::data{}.row(at()));
    take(said.epsilon, parameterization::epsilon{}.row(at()));
    take(said.velocity, parameterization::velocity{}.row(at()));
    take(said.score, parameterization::score{}.row(at()));
    take(said.flow, parameterization::flow{}.row(at()));
    take(said.network, here().predicts);
    if (spoken != 1) detail::refuse("the number of predictions that the guidance speaks of", spoken, "1");
  }

 private:
  [[nodiscard]] const trace::call& here() const { return planner_->trace_.calls.back(); }

  builder* planner_;
  int call_;
};

/// A rule, its type forgotten; the rule must outlive what is planned with it.
template <class Guidance>
[[nodiscard]] rule rule_of(const Guidance& guidance) {
  return {&guidance, guidance.branches, [](const void* object, builder& p) {
            const Guidance& g = detail::opaque(*static_cast<const Guidance*>(object));
            guide here(p);
            if constexpr (has_weights<Guidance>)
              here({.network = here.sum(g.weights(here.now()))});
            else
              here(g(here));
          }};
}

}  // namespace fokker::inline v0::plan
