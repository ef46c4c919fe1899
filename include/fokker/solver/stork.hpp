// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/exp_adams.hpp>

namespace fokker::inline v0::solver {

/// STORK-4 on flows, Tan et al. 2025 (arXiv:2505.24210): the sub-steps of ROCK4, at whose times the velocity is its
/// Taylor polynomial of `Derivatives` derivatives, found from earlier calls. That polynomial is one in time alone, and
/// a method of order 4 integrates a cubic exactly. So any number of sub-steps is one step, x_t = x + h v + h^2/2 v' +
/// h^3/6 v'' ..., and with derivatives that are exact on unequal steps it is Adams and Bashforth's in time.
template <int Derivatives = 2>
struct stork {
  static_assert(Derivatives >= 1 && Derivatives <= 3, "fokker: stork takes 1 to 3 derivatives");
  static constexpr int order = Derivatives + 1;
  static constexpr int evaluations = 1;
  static constexpr int history = Derivatives;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return exp_adams<Derivatives + 1>{.target = target::flow, .variable = variable::time}(p, x);
  }
};

}  // namespace fokker::inline v0::solver
