// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// A solver whose type is forgotten, with the defaults of that type: what `by_name` chooses from. Its facts are
/// members.
struct named {
  std::string_view name;
  int order = 0;
  int evaluations = 0;
  int history = 0;
  bool stochastic = false;

  template <sampling_solver S>
  [[nodiscard]] static constexpr named of(std::string_view name) {
    named n{name, S::order, S::evaluations, S::history, S::stochastic, {}};
    n.steps_ = [](plan::builder& p, plan::expression x) { return S{}(p, static_cast<plan::expression&&>(x)); };
    return n;
  }
  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return steps_(p, static_cast<plan::expression&&>(x));
  }

  plan::expression (*steps_)(plan::builder&, plan::expression) = nullptr;
};

}  // namespace fokker::inline v0::solver
