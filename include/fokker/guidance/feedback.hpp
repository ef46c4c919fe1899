// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/guidance/along.hpp>
#include <fokker/guidance/likelihood.hpp>

namespace fokker::inline v0::guidance {

/// Feedback guidance, Koulischer et al. 2025: as much of it as the sample needs, D_other + w (D - D_other) with w = r /
/// (r - (1 - pi)) and r how much likelier the run is by the conditional network, see `log_ratio_gain`: log r is 0 at
/// first, gains at every step that much times a temperature and an offset below 0, and is kept where w is at most
/// `most` and r at most e^3. Offset and temperature are such that an undecided sample has w = 3 when the share `t0` of
/// the steps is left, and that a likelihood of e^10 makes up for an offset at `t1`. Denoisers in the order
/// {conditional, other}; pi 1 is the conditional network.
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
  /// Of the reverse step, in sigma / alpha, with so many steps behind it; between whole numbers by a straight line.
  static double variance(const plan::guide& g, double left) {
    const auto of = [&g](int behind) {
      const int step = (std::max)(g.steps() - 1 - behind, 0);
      const level &s = plan::nth(g.levels(), step), &t = plan::nth(g.levels(), step + 1);
      return fresh_share(s, t) * (t.ratio() * t.ratio());
    };
    const int whole = static_cast<int>(left);
    const double first = of(whole);
    return std::fma(left - whole, of(whole + 1) - first, first);
  }
};

}  // namespace fokker::inline v0::guidance
