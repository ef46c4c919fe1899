// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/guidance/along.hpp>
#include <fokker/guidance/likelihood.hpp>

namespace fokker::inline v0::guidance {

/// Feedback guidance, Koulischer et al. 2025 (arXiv:2506.06085): each sample finds its scale w by itself.
///     D_other + w (D - D_other),   w = r / (r - (1 - pi)).
/// r is how many times likelier the run is by the conditional network than by the other one. log r is 0 at first. At
/// every step it gains an offset, and a temperature times `log_ratio_gain`. It stays where w <= `most` and log r <= 3.
/// Without such gains w is 3 when the part `t0` of the steps is left. At `t1` the offset is made up for by a step that
/// ends nearer to the conditional mean than to the other, by 10 in squares of distances of x / alpha.
/// Denoisers in the order {conditional, other}; pi 1 is the conditional network. Throws std::invalid_argument for
/// numbers out of their range, and where steps are chosen while sampling.
struct feedback {
  static constexpr int branches = 2;
  double pi = 0.95;
  double t0 = 0.5;
  double t1 = 0.4;
  double most = 10;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (!(detail::is_finite(pi) && pi > 0 && pi <= 1)) detail::refuse("pi", pi, "above 0 and up to 1");
    for (const double part : {t0, t1})
      if (!(detail::is_finite(part) && part >= 0 && part < 1))
        detail::refuse("t0 and t1", part, "parts of the steps, from 0 and below 1");
    if (!(most > 1 && detail::fits_float(most))) detail::refuse("most", most, "a number above 1");
    static_cast<void>(part_done(g.now()));
    if (pi == 1) return {.network = g[0].network};
    const plan::expression c = g[0].data, u = g[1].data;
    plan::scalar log_r = g.remembered(0, 2);
    if (const auto gain = log_ratio_gain(g, c, u)) {
      const double offset = std::log(1.5 * (1 - pi)) / ((1 - t0) * g.steps());
      const double temperature = std::abs(0.2 * offset) * variance(g, t1 * g.steps());
      const double lowest = std::log((1 - pi) * most / (most - 1));
      log_r = least(3, largest(lowest, log_r + temperature * *gain + offset));
      g.remember(log_r, 2);
    }
    const auto w = quotient(1, 1 - (1 - pi) * exp(0 - log_r), most);
    return {.data = c + (w - 1) * (c - u)};
  }

 private:
  /// Of x / alpha in the reverse step that so many steps follow; between whole numbers by a straight line.
  static double variance(const plan::guide& g, double left) {
    const auto of = [&g](int after) {
      const int step = (std::max)(g.steps() - 1 - after, 0);
      const level &s = plan::nth(g.levels(), step), &t = plan::nth(g.levels(), step + 1);
      return fresh_share(s, t) * (t.ratio() * t.ratio());
    };
    const int whole = static_cast<int>(left);
    const double first = of(whole);
    return std::fma(left - whole, of(whole + 1) - first, first);
  }
};

}  // namespace fokker::inline v0::guidance
