// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// Rectified-CFG++, Saini, Gupta & Bovik 2025 (arXiv:2510.07631): Euler's step by the slope f_c of the first branch
/// alone, and what guidance adds to it where half a step of that leads, x_t = x + h (f_c(x) + alpha_s^gamma (f(x_m) -
/// f_c(x_m))), x_m = x + predictor h f_c(x), f the guided slope. With `classifier_free::paper(lambda)` the difference
/// is lambda (f_c - f_u). On the straight path alpha^gamma is the paper's (1 - t)^gamma. Its authors' program has a
/// predictor of a whole step, and gamma 0. From alpha = 0 in sigma/alpha the step is DDIM's.
struct rectified_cfg_pp {
  static constexpr int order = 1;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;
  double predictor = 0.5;
  double gamma = 0;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::require_share("predictor", predictor, 0, 1, "above 0, up to 1");
    detail::require_not_negative("gamma", gamma);
    const bool time = in_time(variable, p);
    const auto slope = [time](const plan::prediction& at) { return time ? at.flow : at.epsilon; };
    for (const plan::step now : p.steps()) {
      const level &s = now.from, &t = now.to;
      const double part = std::pow(s.alpha, gamma);
      const auto m = p.call(x, s);
      const auto& c = m.branch.front();
      if (!time && s.is_noise()) {
        x = t.alpha * (c.data + part * (m.data - c.data)) + t.sigma * (c.epsilon + part * (m.epsilon - c.epsilon));
        continue;
      }
      const auto arrived = [&](const level& l) {
        return time ? x + (l.time - s.time) * slope(c)
                    : (l.alpha / s.alpha) * x + l.alpha * (l.ratio() - s.ratio()) * slope(c);
      };
      const double h = time ? t.time - s.time : t.alpha * (t.ratio() - s.ratio());
      const level middle = predictor == 1 ? t
                           : time         ? p.at(std::fma(predictor, h, s.time))
                                          : p.at_ratio(std::fma(predictor, t.ratio(), (1 - predictor) * s.ratio()));
      plan::expression next = arrived(t);
      if (!has_slope(p, middle, time))
        next = next + h * part * (slope(m) - slope(c));
      else if (part > 0) {
        const auto n = p.call(arrived(middle), middle);
        next = next + h * part * (slope(n) - slope(n.branch.front()));
      }
      x = next;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
