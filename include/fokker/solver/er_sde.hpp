// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/sampling_solver.hpp>
#include <fokker/solver/gauss_legendre.hpp>

namespace fokker::inline v0::solver {

/// A function of r = sigma/alpha that grows at least as fast as r.
using noise_scaler = double (*)(double);

/// ER-SDE-Solver, Cui et al. 2023 (arXiv:2309.06169), algorithms 1 to 3: steps with as much fresh noise z as the
/// function phi, the `scaler`, says. On any path, with r = sigma/alpha, y = x/alpha and R = phi(r_t) / phi(r_s):
///     y_t = R y_s + (1 - R) D + c_1 D' + c_2 D'' + sqrt(r_t^2 - r_s^2 R^2) z.
/// D is the data at s, and the derivatives are those of the polynomial in r through the last `Order` values. c_1 and
/// c_2 are integrals of phi(r_t) / phi(r), by Gauss and Legendre's rule. phi(r) = r is the ODE, r^{1 + eta} the SDE of
/// eta, for which this is exp_adams for data in sigma/alpha. The paper's third order has D' at the middle of the step
/// before, which is of order 2. From noise the step is alpha_t D + sigma_t z, and onto data alpha_t D. Throws
/// std::invalid_argument for a scaler that grows slower than r.
template <int Order>
struct er_sde {
  static_assert(Order >= 1 && Order <= 3, "fokker: er_sde has order 1 to 3");
  static constexpr int order = Order;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1;
  static constexpr bool stochastic = true;

  /// The authors' choice, ER-SDE 5.
  [[nodiscard]] static double authors_scaler(double r) { return r * (std::exp(std::pow(r, 0.3)) + 10); }

  noise_scaler scaler = authors_scaler;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    struct value {
      double r;
      plan::expression data;
    };
    std::vector<value> values;  // the last one first
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (t.is_data()) {
        x = t.alpha * m.data;
        continue;
      }
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * p.path(s, t)(s, t);
        continue;
      }
      values.insert(values.begin(), {s.ratio(), p.keep(m.data)});
      if (values.size() > Order) values.pop_back();
      const auto& now = values.front();
      const double scale = scaler(t.ratio());
      const double fresh = 1 - scale / scaler(s.ratio()) / decay(s, t);  // of the noise's deviation
      if (!(fresh > -rounding && fresh <= 1))
        detail::refuse("scaler", scale, "a function that grows at least as fast as sigma/alpha");
      x = (t.sigma / s.sigma) * (1 - fresh) * x + t.alpha * std::fma(decay(s, t), fresh, gain(s, t)) * now.data;
      if (fresh > rounding) x = x + t.sigma * std::sqrt(fresh * (2 - fresh)) * p.path(s, t)(s, t);
      if (values.size() < 2) continue;
      const double h = log_snr_step(s, t);
      double of_slope = 0, of_second = 0;
      gauss_legendre([&](double share, double weight) {  // over log(r)
        const double r = detail::rounded_product(now.r, std::exp(-h * share));
        const double length = weight * h * r, lost = 1 - scale / scaler(r);
        of_slope = std::fma(-length, lost, of_slope);
        of_second = std::fma(2 * (now.r - r) * length, lost, of_second);
      });
      const auto slope = [&](std::size_t j) {
        return (values[j].data - values[j + 1].data) / (values[j].r - values[j + 1].r);
      };
      plan::expression first = slope(0);
      if (values.size() == 3) {
        const auto second = (slope(0) - slope(1)) / (now.r - values[2].r);  // half of D''
        first = first + (now.r - values[1].r) * second;
        x = x + t.alpha * of_second * second;
      }
      x = x + t.alpha * of_slope * first;
    }
    return x;
  }

 private:
  static constexpr double rounding = 0x1p-48;  // of a scaler: what is below it is the ODE
};

}  // namespace fokker::inline v0::solver
