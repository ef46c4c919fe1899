// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/guidance/along.hpp>

namespace fokker::inline v0::guidance {

/// Another rule with a scale that is a function of the call: `curve(moment)` is put into `field` before the rule is
/// asked. `linear`, `cosine`, `triangle` and `per_step` are such functions, and so is a lambda.
template <class Rule, class Curve>
struct scheduled {
  static constexpr int branches = Rule::branches;
  Rule rule;
  Curve curve;
  double Rule::*field = &Rule::scale;

  [[nodiscard]] std::array<double, static_cast<std::size_t>(branches)> weights(const moment& at) const requires
      has_weights<Rule> {
    return now(at).weights(at);
  }
  template <class Guide>
  [[nodiscard]] auto operator()(Guide& g) const -> decltype(rule(g)) {
    return g.as(now(g.now()));
  }

 private:
  [[nodiscard]] Rule now(const moment& at) const {
    Rule changed = rule;
    changed.*field = curve(at);
    return changed;
  }
};
template <class Rule, class Curve>
scheduled(Rule, Curve) -> scheduled<Rule, Curve>;
template <class Rule, class Curve>
scheduled(Rule, Curve, double Rule::*) -> scheduled<Rule, Curve>;

/// From `first` at the beginning towards `last` at the end, by the part of the run that is done: step i of N has what
/// step 2 i of 2 N has.
struct linear {
  double first = 1;
  double last = 7.5;
  [[nodiscard]] double operator()(const moment& at) const { return std::fma(last - first, part_done(at), first); }
};

/// The same along (1 - cos(pi u^power)) / 2, u the part that is done. Gao et al. 2023 (MDT) from 1 to their scale with
/// a power of 4; CogVideoX's 1 + w (1 - cos(pi ((T - t)/T)^5)) / 2 is {.first = 1, .last = 1 + w, .power = 5}.
struct cosine {
  double first = 1;
  double last = 7.5;
  double power = 1;
  [[nodiscard]] double operator()(const moment& at) const {
    detail::require_positive("power", power);
    const double half = std::sin(1.5707963267948966 * std::pow(part_done(at), power));
    return std::fma(last - first, half * half, first);
  }
};

/// From `ends` to `middle`, in the middle of the run, and back.
struct triangle {
  double ends = 1;
  double middle = 7.5;
  [[nodiscard]] double operator()(const moment& at) const {
    return std::fma(ends - middle, std::abs(std::fma(2, part_done(at), -1)), middle);
  }
};

/// A number for each step. Throws std::invalid_argument where there are not as many as steps.
struct per_step {
  std::vector<double> scales;
  [[nodiscard]] double operator()(const moment& at) const {
    if (at.steps < 1 || scales.size() != static_cast<std::size_t>(at.steps))
      detail::refuse("the number of scales", scales.size(),
                     detail::joined({detail::text(at.steps), ", as many as the plan has steps"}));
    return scales[static_cast<std::size_t>(at.step)];
  }
};

}  // namespace fokker::inline v0::guidance
