// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/solver/heun.hpp>

namespace fokker::inline v0::solver {

/// From the level that is nearest to `sigma_min` the sampler goes up to `sigma_max`, both of sigma/alpha, and comes
/// back in `steps` steps, `repeats` times. The paper counts steps + 1 levels.
struct restart_interval {
  double sigma_min = 0.06;
  double sigma_max = 0.3;
  int steps = 2;
  int repeats = 2;
};

/// Restart, Xu et al. 2023, algorithm 1: `heun`, and in each interval forward noise and `heun` again over levels as
/// Karras et al. 2022, eq. 5, space them. 2 N - 1 + sum 2 repeats steps calls onto data. The defaults of an interval
/// are the paper's for CIFAR-10.
struct restart {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  solver::variable variable = solver::variable::natural;
  std::vector<restart_interval> intervals;
  double rho = 7;
  double s_noise = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_positive("rho", rho);
    detail::require_not_negative("s_noise", s_noise);
    const bool time = in_time(variable, p);
    std::vector<double> nearest(intervals.size());  // the sigma/alpha at which each interval starts
    for (std::size_t i = 0; i < intervals.size(); ++i) nearest[i] = bottom(p, intervals[i]);
    for (auto [s, t] : p.steps()) {
      x = heun_step(p, x, s, t, time);
      for (std::size_t i = 0; i < intervals.size(); ++i)
        if (nearest[i] == t.ratio()) x = again(p, x, t, intervals[i]);
    }
    return x;
  }

 private:
  /// The level after a step, short of the data, that is nearest to where an interval starts.
  [[nodiscard]] double bottom(plan::builder& p, const restart_interval& r) const {
    detail::require_positive("sigma_min", r.sigma_min);
    detail::require_steps(r.steps);
    if (const int most = detail::most_steps / r.steps; r.repeats < 1 || r.repeats > most)
      detail::refuse("repeats", r.repeats, detail::joined({"1 to ", detail::text(most)}));
    double found = 0;
    for (auto [s, t] : p.steps())
      if (!t.is_data() && (found == 0 || std::abs(t.ratio() - r.sigma_min) < std::abs(found - r.sigma_min)))
        found = t.ratio();
    if (found > 0 && !(detail::is_finite(r.sigma_max) && r.sigma_max > found))
      detail::refuse("sigma_max", r.sigma_max,
                     detail::joined({"above ", detail::text(found), ", the level that is nearest to sigma_min"}));
    return found;
  }

  [[nodiscard]] plan::expression again(plan::builder& p, plan::expression x, const level& low,
                                       const restart_interval& r) const {
    const level high = p.at_ratio(r.sigma_max);
    const double from = std::pow(high.ratio(), 1 / rho), to = std::pow(low.ratio(), 1 / rho);
    std::vector<level> levels{high};
    for (int i = 1; i < r.steps; ++i) {
      const double share = static_cast<double>(i) / r.steps;
      levels.push_back(p.at_ratio(std::pow(std::fma(share, to, (1 - share) * from), rho)));
    }
    levels.push_back(low);
    for (int k = 0; k < r.repeats; ++k)
      x = p.over(levels, heun{.variable = variable}, noisier(p, x, low, high, s_noise));
    return x;
  }
};

}  // namespace fokker::inline v0::solver
