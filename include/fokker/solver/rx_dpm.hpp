// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// RX-DDIM, Choi, Kang & Han 2025 (ICLR): after every `every` steps of DDIM, Richardson's extrapolation of where they
/// lead and of where one step over all of them leads, which needs no further call: x = (fine - S coarse) / (1 - S), S
/// the sum of the squares of the steps' shares in sigma/alpha. Of two steps it is the method of order 2 with one stage
/// at the level between, on even steps the midpoint rule of half as many. The step from noise stands alone, and so do
/// the last ones where fewer than `every` are left: those are DDIM's.
struct rx_dpm {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 1;
  static constexpr bool stochastic = false;

  int every = 2;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    if (every < 2) detail::refuse("every", every, "2 or more");
    const std::vector<level> levels = p.levels();
    std::size_t at = 0, begin = 0, end = 0;  // of the steps that are extrapolated together
    plan::expression coarse;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (at == end) {
        begin = at;
        end = (std::min)(levels.size() - 1, at + (s.is_noise() ? 1 : static_cast<std::size_t>(every)));
        if (const level& e = levels[end]; end - begin == static_cast<std::size_t>(every))
          coarse = p.keep(e.alpha * m.data + e.sigma * m.epsilon);
      }
      x = t.alpha * m.data + t.sigma * m.epsilon;
      if (++at == end && end - begin == static_cast<std::size_t>(every)) {
        const double rest = rest_of_squares(levels, begin, end);
        x = (1 / rest) * x - ((1 - rest) / rest) * coarse;
      }
    }
    return x;
  }

 private:
  /// 1 - S, as the sum of h_i (H - h_i) / H^2, in which nothing cancels.
  [[nodiscard]] static double rest_of_squares(const std::vector<level>& levels, std::size_t begin, std::size_t end) {
    const double last = levels[end].ratio(), whole = levels[begin].ratio() - last;
    double rest = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double share = (levels[i].ratio() - levels[i + 1].ratio()) / whole;
      rest = std::fma(share, 1 - share, rest);
    }
    return rest;
  }
};

}  // namespace fokker::inline v0::solver
