// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/solver/churn.hpp>
#include <fokker/solver/ddpm.hpp>

namespace fokker::inline v0::solver {

/// RePaint, Lugmayr et al. 2022, algorithm 1: any solver over `jump` steps of the grid, then forward noise back to
/// where they began, and the same steps again, `repeats` times in all, so that what is inpainted meets what is known.
/// With guidance::inpainted, which is applied at each call. (repeats) times the calls of the solver.
template <class Solver = ddpm>
struct repaint {
  static constexpr int order = 1;
  static constexpr int evaluations = Solver::evaluations;
  static constexpr int history = Solver::history;
  static constexpr bool stochastic = true;

  Solver solver = {};
  int jump = 10;
  int repeats = 10;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    if (jump < 1) detail::refuse("jump", jump, "1 or more");
    if (repeats < 1 || repeats > 1000) detail::refuse("repeats", repeats, "1 to 1000");
    const std::vector<level> levels = p.levels();
    const std::size_t last = levels.size() - 1, stride = static_cast<std::size_t>(jump);
    for (std::size_t i = 0; i < last; i += stride) {
      const std::size_t end = (std::min)(i + stride, last);
      const std::vector<level> piece(levels.begin() + static_cast<std::ptrdiff_t>(i),
                                     levels.begin() + static_cast<std::ptrdiff_t>(end) + 1);
      for (int r = 0; r < repeats; ++r) {
        if (r > 0) x = noisier(p, x, piece.back(), piece.front(), 1);
        x = p.over(piece, solver, x);
      }
    }
    return x;
  }
};
template <class Solver>
repaint(Solver) -> repaint<Solver>;
template <class Solver>
repaint(Solver, int) -> repaint<Solver>;
template <class Solver>
repaint(Solver, int, int) -> repaint<Solver>;
repaint()->repaint<ddpm>;

}  // namespace fokker::inline v0::solver
