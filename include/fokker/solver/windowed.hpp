// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// A solver that draws noise in a window of steps alone, `count` of them from step `first` of the grid on, and another
/// one before and after it: itself with eta = 0, unless one is given. MixGRPO, Li et al. 2025 (arXiv:2507.21802),
/// which learns from the steps of the window and moves it along the run. A window may end after the last step. What
/// keeps history begins without it in each of the three parts.
template <class Solver, class Elsewhere = Solver>
struct windowed {
  static constexpr int order = Solver::order < Elsewhere::order ? Solver::order : Elsewhere::order;
  static constexpr int evaluations =
      Solver::evaluations > Elsewhere::evaluations ? Solver::evaluations : Elsewhere::evaluations;
  static constexpr int history = Solver::history > Elsewhere::history ? Solver::history : Elsewhere::history;
  static constexpr bool stochastic = true;

  Solver solver = {};
  int first = 0;
  int count = 4;
  Elsewhere elsewhere = without_noise(solver);

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const std::vector<level> levels = p.levels();
    const int steps = static_cast<int>(levels.size()) - 1;
    if (first < 0 || first >= steps) detail::refuse("first", first, detail::joined({"0 to ", detail::text(steps - 1)}));
    if (count < 0) detail::refuse("count", count, "0 or more");
    const int end = first + (std::min)(count, steps - first);
    const auto over = [&](int from, int to, const auto& part) {
      if (from == to) return;
      const std::vector<level> piece(levels.begin() + from, levels.begin() + to + 1);
      x = p.over(piece, part, x);
    };
    over(0, first, elsewhere);
    over(first, end, solver);
    over(end, steps, elsewhere);
    return x;
  }

 private:
  template <class S>
  [[nodiscard]] static constexpr S without_noise(S s) {
    if constexpr (requires { s.eta; })
      s.eta = 0;
    else
      static_assert(detail::holds<requires { s.eta; }>,
                    "fokker: this solver has no eta to be 0 outside of its window: name another one for there");
    return s;
  }
};
template <class Solver>
windowed(Solver) -> windowed<Solver>;
template <class Solver>
windowed(Solver, int) -> windowed<Solver>;
template <class Solver>
windowed(Solver, int, int) -> windowed<Solver>;
template <class Solver, class Elsewhere>
windowed(Solver, int, int, Elsewhere) -> windowed<Solver, Elsewhere>;

}  // namespace fokker::inline v0::solver
