// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include <fokker/concept/sampling_solver.hpp>
#include <fokker/detail/kept.hpp>

namespace fokker::inline v0::solver {

/// A solver whose type is forgotten, with its fields as they are. Its facts are members.
class any {
 public:
  int order, evaluations, history;
  bool stochastic;

  template <sampling_solver S>
  requires(!std::same_as<S, any>) any(S solver)  // NOLINT(google-explicit-constructor)
      : order(solver.order),
        evaluations(solver.evaluations),
        history(solver.history),
        stochastic(solver.stochastic),
        solver_(detail::kept(std::move(solver))),
        steps_([](const void* s, plan::builder& p, plan::expression x) {
          return (*static_cast<const S*>(s))(p, std::move(x));
        }) {}

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return steps_(solver_.get(), p, std::move(x));
  }

 private:
  std::shared_ptr<const void> solver_;
  plan::expression (*steps_)(const void*, plan::builder&, plan::expression);
};

}  // namespace fokker::inline v0::solver
