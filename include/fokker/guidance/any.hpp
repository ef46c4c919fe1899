// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include <fokker/detail/kept.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// A rule whose type is forgotten, with its fields as they are. How many branches it has is a member.
class any {
 public:
  int branches;

  template <guidance_rule Rule>
  requires(!std::same_as<Rule, any>) any(Rule rule)  // NOLINT(google-explicit-constructor)
      : branches(Rule::branches),
        rule_(detail::kept(std::move(rule))),
        held_([](const void* r) { return plan::rule_of(*static_cast<const Rule*>(r)); }),
        says_([](const void* r, plan::guide& g) { return g.as(*static_cast<const Rule*>(r)); }) {}

  /// What it is to a planner.
  [[nodiscard]] plan::rule held() const { return held_(rule_.get()); }
  /// What it says within another rule.
  [[nodiscard]] plan::guided operator()(plan::guide& g) const { return says_(rule_.get(), g); }

 private:
  std::shared_ptr<const void> rule_;
  plan::rule (*held_)(const void*);
  plan::guided (*says_)(const void*, plan::guide&);
};

/// The same for rules of N branches, so that others, which know how many theirs have, can go around it. Throws
/// std::invalid_argument, when a plan is made, for one that has another number of them.
template <int N>
struct any_of {
  static constexpr int branches = N;
  any rule;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (rule.branches != N) detail::refuse("guidance.branches", rule.branches, detail::text(N));
    return rule(g);
  }
};

/// What `around(any_of<N>)` makes of a rule of N branches, 1 to 4.
template <class Around>
[[nodiscard]] any around(const any& rule, Around around) {
  switch (rule.branches) {
    case 1:
      return around(any_of<1>{rule});
    case 2:
      return around(any_of<2>{rule});
    case 3:
      return around(any_of<3>{rule});
    case 4:
      return around(any_of<4>{rule});
  }
  detail::refuse("the branches of the rule within", rule.branches, "1 to 4");
}

}  // namespace fokker::inline v0::guidance
