// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/solver/exponential_integral.hpp>

namespace fokker::inline v0::solver {

/// The tableau of an explicit exponential Runge-Kutta method at some z, without its first stage: a row for each later
/// stage and one for the end, with the weights of the stages before it, from the second on. The first column is what
/// they leave of c_i phi_1(c_i z), so that constants are kept (Hochbruck & Ostermann 2010, section 2.3).
using exponential_tableau = std::vector<std::vector<double>>;

/// Two stages, order 2: b_2 = phi_2(z) / c_2.
[[nodiscard]] inline exponential_tableau two_stages(double z, double c2) { return {{}, {phi<2>(z)[2] / c2}}; }

/// Two stages, order 2, in DPM-Solver's form: b_2 = phi_1(z) / (2 c_2).
[[nodiscard]] inline exponential_tableau two_stages_of_phi_1(double z, double c2) {
  return {{}, {phi<1>(z)[1] / (2 * c2)}};
}

/// Three stages, Hochbruck & Ostermann 2005, section 5: a_32 = gamma c_2 phi_2(c_2 z) + c_3^2 / c_2 phi_2(c_3 z), b_2 =
/// gamma b_3, b_3 = phi_2(z) / (gamma c_2 + c_3). Order 3 where gamma is `third_order(c2, c3)`, which is 0 for c_3 =
/// 2/3 (DPM-Solver-3), else order 2.
[[nodiscard]] inline exponential_tableau three_stages(double z, double c2, double c3, double gamma) {
  const double a32 = std::fma(gamma * c2, phi<2>(c2 * z)[2], c3 * c3 / c2 * phi<2>(c3 * z)[2]);
  const double b3 = phi<2>(z)[2] / std::fma(gamma, c2, c3);
  return {{}, {a32}, {gamma * b3, b3}};
}

/// gamma of 2 (gamma c_2 + c_3) = 3 (gamma c_2^2 + c_3^2).
[[nodiscard]] inline double third_order(double c2, double c3) {
  return c3 * (detail::rounded_product(3, c3) - 2) / (c2 * (2 - detail::rounded_product(3, c2)));
}

/// A step s -> t in stages: x at any level of it, from the target's values q_j at the stages so far.
/// For data dy = (1 + eta) (D - y) dlambda + sqrt(2 eta) sigma/alpha dW with z = -(1 + eta) h, whose noise is that of
/// one path; for epsilon the ODE with z = h. With c = (lambda - lambda_s) / h, x = A x_s - (alpha or sigma) [(e^{c z} -
/// 1) q_1 + z sum_j w_j (q_j - q_1)] + noise. A x_s + noise is taken from x at the stage nearest to data, which holds
/// both, so that no other x stays in memory.
class exponential_stages {
 public:
  exponential_stages(plan::builder& p, const plan::expression& x, const plan::prediction& m, const level& s,
                     const level& t, target q, double eta = 0)
      : p_(p), s_(s), q_(q), eta_(eta), z_(z_at(t)), path_(p.path(s, t, {2 * eta})), base_{s, x, {}} {
    values_.push_back(p_.keep(of(m, q_)));
  }

  [[nodiscard]] double z() const { return z_; }
  /// The target's value at the step's start.
  [[nodiscard]] const plan::expression& first() const { return values_.front(); }

  /// x at `to`, by the weights of the stages from the second on.
  [[nodiscard]] plan::expression at(const level& to, const std::vector<double>& weights) {
    plan::expression sum = std::expm1(z_at(to)) * values_.front();
    for (std::size_t j = 0; j < weights.size(); ++j) sum = sum + z_ * weights[j] * (values_[j + 1] - values_.front());
    const auto [scale, decay] = q_ == target::epsilon
                                    ? std::pair{to.sigma, to.alpha / base_.at.alpha}
                                    : std::pair{to.alpha, to.sigma / base_.at.sigma * std::exp(-eta_ * length(to))};
    plan::expression x = decay * (base_.x + base_.sum) - scale * sum;
    if (eta_ > 0 && towards_data(base_.at, to))
      x = x + to.sigma * std::sqrt(-std::expm1(-2 * eta_ * length(to))) * path_(base_.at, to);
    next_ = {to, x, scale * sum};
    return x;
  }

  /// What other weights would change of x at `to`.
  [[nodiscard]] plan::expression difference(const level& to, const std::vector<double>& weights,
                                            const std::vector<double>& others) const {
    plan::expression sum;
    for (std::size_t j = 0; j < weights.size(); ++j)
      sum = sum + z_ * (weights[j] - (j < others.size() ? others[j] : 0)) * (values_[j + 1] - values_.front());
    return -(q_ == target::epsilon ? to.sigma : to.alpha) * sum;
  }

  /// The prediction at the level that was asked for last, where the network read `x`.
  void add(const plan::expression& x, const plan::prediction& m) {
    values_.push_back(p_.keep(of(m, q_)));
    if (towards_data(base_.at, next_.at)) base_ = {next_.at, x, next_.sum};
  }

 private:
  struct stage {
    level at;
    plan::expression x, sum;  // x + sum is A x_s + noise
  };

  [[nodiscard]] double z_at(const level& to) const {
    return (q_ == target::epsilon ? 1 : -(1 + eta_)) * log_snr_step(s_, to);
  }
  [[nodiscard]] double length(const level& to) const { return log_snr_step(base_.at, to); }

  plan::builder& p_;
  level s_;
  target q_;
  double eta_, z_;
  plan::noise_path path_;
  stage base_, next_;
  std::vector<plan::expression> values_;
};

/// A step of an exponential Runge-Kutta method with stages at shares `c` of it in log-SNR; `rows(z)` is its tableau,
/// and `lower(z)` the last row of a method with the same stages and a lower order, which tells its error. From noise
/// and onto data it is DDIM's, with all noise drawn afresh where eta > 0, and tells none.
template <class Rows, class Lower>
[[nodiscard]] plan::attempt exponential_pair(plan::builder& p, plan::expression x, const level& s, const level& t,
                                             const std::vector<double>& c, Rows rows, Lower lower, target q,
                                             double eta = 0) {
  detail::require_not_negative("eta", eta);
  const auto m = p.call(x, s);
  if (t.is_data()) return {t.alpha * m.data, {}};
  if (s.is_noise()) {
    const plan::expression z = eta > 0 ? p.path(s, t, {2 * eta})(s, t) : plan::expression(m.epsilon);
    return {t.alpha * m.data + t.sigma * z, {}};
  }
  exponential_stages stages(p, x, m, s, t, q, eta);
  const exponential_tableau tableau = rows(stages.z());
  auto row = tableau.begin();
  for (const double share : c) {
    const level at = share == 1 ? t : p.at_ratio(s.ratio() * std::exp(-share * log_snr_step(s, t)));
    x = stages.at(at, *row++);
    const auto n = p.call(x, at);
    stages.add(x, n);
  }
  plan::expression error = stages.difference(t, *row, lower(stages.z()));
  return {stages.at(t, *row), std::move(error)};
}

/// The same without another method.
template <class Rows>
[[nodiscard]] plan::expression exponential_runge_kutta(plan::builder& p, plan::expression x, const level& s,
                                                       const level& t, const std::vector<double>& c, Rows rows,
                                                       target q, double eta = 0) {
  return exponential_pair(
             p, std::move(x), s, t, c, rows, [](double) { return std::vector<double>(); }, q, eta)
      .next;
}

/// A step of DPM-Solver-2 with predictions of `q`, and how far DDIM's is from it.
[[nodiscard]] inline plan::attempt dpm_solver_step_2(plan::builder& p, const plan::expression& x, const level& s,
                                                     const level& t, double r1, target q) {
  detail::require_share("r1", r1, 0, 1, "above 0 and up to 1");
  const auto rows = [r1](double z) { return two_stages_of_phi_1(z, r1); };
  return exponential_pair(
      p, x, s, t, {r1}, rows, [](double) { return std::vector<double>(); }, q);
}

/// A step of DPM-Solver-3 with predictions of `q`, and how far that of order 2 is from it which DPM-Solver-2 takes with
/// the first two of them.
[[nodiscard]] inline plan::attempt dpm_solver_step_3(plan::builder& p, const plan::expression& x, const level& s,
                                                     const level& t, double r1, double r2, target q) {
  detail::require_share("r1", r1, 0, 2.0 / 3 - detail::least_share, "above 0 and below 2/3");
  detail::require_share("r2", r2, r1, 1, "above r1 and up to 1");
  const auto rows = [r1, r2](double z) { return three_stages(z, r1, r2, third_order(r1, r2)); };
  const auto lower = [r1](double z) { return two_stages_of_phi_1(z, r1).back(); };
  return exponential_pair(p, x, s, t, {r1, r2}, rows, lower, q);
}

}  // namespace fokker::inline v0::solver
