// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/solver/gauss_legendre.hpp>
#include <fokker/solver/phi.hpp>
#include <fokker/solver/variable.hpp>

namespace fokker::inline v0::solver {

/// What a method of several predictions takes as a polynomial between them; `network` is what the network says.
enum class target { data, epsilon, velocity, flow, network };

[[nodiscard]] inline const plan::converted& of(const plan::prediction& m, target q) {
  return q == target::data       ? m.data
         : q == target::epsilon  ? m.epsilon
         : q == target::velocity ? m.velocity
         : q == target::flow     ? m.flow
                                 : m.network;
}

/// The variable in which the integral of a target is a sum of phi-functions or powers: log-SNR for data, sigma/alpha
/// for epsilon, time for the others.
[[nodiscard]] inline variable natural(target q) {
  return q == target::data ? variable::log_snr : q == target::epsilon ? variable::ratio : variable::time;
}

/// How a method weighs the difference of its two predictions: by the integral ("heun", and UniPC's varying
/// coefficients), by half of what both weigh together ("midpoint", which is UniPC's B2), or by half the step (B1). With
/// three predictions and more all of these are one.
enum class form { heun, midpoint, bh1, bh2 = midpoint };

/// What of the exact weights a published method replaces, in log-SNR: the form, and a factor of the second difference.
struct published_weights {
  solver::form form = form::heun;
  double of_second_difference = 1;
};

/// x_t = of_x x_s + sum_j of_node[j] q_j + of_normal z.
struct exponential_step {
  double of_x = 0, of_normal = 0;
  std::vector<double> of_node;
};

/// The step s -> t of dx = [probability flow] + eta [Langevin], exact where the target q is the polynomial in `u`
/// through its values at `nodes`: in y = x/alpha, dy/dlambda = (1 + eta) (D - y) + sqrt(2 eta) sigma/alpha dW/dlambda,
/// so that x_t = A x_s + integral of the kernel times sum_j l_j(u) q_j. Nodes before s make it a predictor
/// (Adams-Bashforth), t among them a corrector (Adams-Moulton). Closed for data and epsilon in log-SNR, epsilon in
/// sigma/alpha and flow in time; else by Gauss-Legendre's 16 points. s and t lie strictly between noise and data, but
/// where `is_regular` says more.
class exponential_integral {
 public:
  exponential_integral(const plan::builder& p, target q, variable u)
      : p_(p), q_(q), u_(u == variable::natural ? natural(q) : u) {}

  /// Whether a step from noise, or onto data, is one like any other: velocities in time, epsilon in sigma/alpha at
  /// data.
  [[nodiscard]] bool is_regular(const level& s, const level& t, double eta) const {
    if (!s.is_noise() && !t.is_data()) return true;
    if (eta > 0) return false;
    if (q_ == target::epsilon) return u_ == variable::ratio && !s.is_noise();
    return q_ != target::data && u_ == variable::time;
  }
  /// Whether a prediction at this level can be a node of later steps.
  [[nodiscard]] bool has_node(const level& l) const { return !l.is_noise() || u_ == variable::time; }

  [[nodiscard]] exponential_step operator()(const level& s, const level& t, const std::vector<level>& nodes, double eta,
                                            const published_weights& published = {}) const {
    if (nodes.size() > most) detail::refuse("the number of nodes", nodes.size(), "up to 8");
    std::vector<double> at;  // (u - u_s) / (u_t - u_s) of the nodes
    for (const level& l : nodes) at.push_back(place(s, t, l));
    exponential_step step;
    const double a = 1 + eta;
    const double h = s.is_noise() || t.is_data() ? 0 : log_snr_step(s, t);
    const auto phi_weights = [&](double scale, double z) {
      moments m = factorial_phi(z);
      if (at.size() == 2 && published.form == form::midpoint) m[1] = m[0] / 2;
      if (at.size() == 2 && published.form == form::bh1) m[1] = 0.5;
      m[2] *= published.of_second_difference;
      return weights(at, scale, m);
    };
    step.of_normal = eta > 0 ? t.sigma * std::sqrt(-std::expm1(-2 * eta * h)) : 0;
    if (q_ == target::data && u_ == variable::log_snr) {
      step.of_x = (t.sigma / s.sigma) * std::exp(-eta * h);
      step.of_node = phi_weights(t.alpha * a * h, -a * h);
    } else if (q_ == target::epsilon && u_ != variable::time) {
      step.of_x = t.alpha / s.alpha;
      // sigma_t h phi_1(h) = alpha_t (sigma/alpha of s - that of t); its variance is eta times the squares' difference
      const double fall = difference_of_products(s.sigma, t.alpha, t.sigma, s.alpha) / s.alpha;
      if (eta > 0) step.of_normal = std::sqrt(eta * fall * std::fma(2, t.sigma, fall));
      step.of_node = u_ == variable::ratio ? weights(at, -a * fall, powers()) : phi_weights(-a * t.sigma * h, h);
    } else if (q_ == target::flow && u_ == variable::time && eta == 0) {
      step.of_x = 1;
      step.of_node = weights(at, t.time - s.time, powers());
    } else {
      integrate(s, t, at, eta, step);
    }
    return step;
  }

 private:
  static constexpr std::size_t most = 8;  // nodes
  using moments = std::array<double, most>;

  /// k! phi_{k+1}(z): the integrals of e^{(1 - r) z} r^k.
  [[nodiscard]] static moments factorial_phi(double z) {
    const auto values = phi<most>(z);
    moments m{};
    double factorial = 1;
    for (std::size_t k = 0; k < m.size(); factorial *= static_cast<double>(++k)) m[k] = factorial * values[k + 1];
    return m;
  }
  [[nodiscard]] static moments powers() {
    moments m{};
    for (std::size_t k = 0; k < m.size(); ++k) m[k] = 1 / static_cast<double>(k + 1);
    return m;
  }

  /// The coefficients of Lagrange's polynomial j: product over i != j of (r - r_i) / (r_j - r_i).
  [[nodiscard]] static std::vector<double> lagrange(const std::vector<double>& at, std::size_t j) {
    std::vector<double> c{1};
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (i == j) continue;
      c.push_back(0);
      for (std::size_t k = c.size(); k-- > 0;) c[k] = std::fma(-at[i], c[k], k > 0 ? c[k - 1] : 0) / (at[j] - at[i]);
    }
    return c;
  }
  [[nodiscard]] static std::vector<double> weights(const std::vector<double>& at, double scale, const moments& m) {
    std::vector<double> w;
    for (std::size_t j = 0; j < at.size(); ++j) {
      double sum = 0;
      const auto c = lagrange(at, j);
      for (std::size_t k = 0; k < c.size(); ++k) sum = std::fma(c[k], m[k], sum);
      w.push_back(scale * sum);
    }
    return w;
  }

  /// Where l lies between s (0) and t (1) in the variable of the polynomial.
  [[nodiscard]] double place(const level& s, const level& t, const level& l) const {
    if (u_ == variable::time) return (l.time - s.time) / (t.time - s.time);
    if (u_ == variable::log_snr) {
      const auto between = [](const level& a, const level& b) {
        return towards_data(a, b) ? log_snr_step(a, b) : towards_data(b, a) ? -log_snr_step(b, a) : 0.0;
      };
      return between(s, l) / between(s, t);
    }
    // differences of sigma/alpha, the common alpha_s left out
    return (difference_of_products(l.sigma, s.alpha, s.sigma, l.alpha) / l.alpha) /
           (difference_of_products(t.sigma, s.alpha, s.sigma, t.alpha) / t.alpha);
  }

  [[nodiscard]] prediction_row row(const level& l) const {
    switch (q_) {
      case target::data:
        return {1, 0};
      case target::epsilon:
        return {0, 1};
      case target::velocity:
        return parameterization::velocity{}.row(l);
      case target::flow:
        return parameterization::flow{}.row(l);
      default:
        return p_.predicts(l);
    }
  }

  /// On the circle: with tan(v) = sigma/alpha and X = x / sqrt(alpha^2 + sigma^2), dX/dv = -sin v x0 + cos v eps is
  /// finite at both ends. From a row (a, b), x0 and eps are those of X and q: dX/dv = A X + B q with det = cos v b -
  /// sin v a, A = -(sin v b + cos v a) / det, B = 1 / det; eta adds eta (tan v X + dX/dv). Where neither end is met the
  /// points are spread over log-SNR, in which all of this is smooth: dv = -sin v cos v dlambda.
  struct point {
    level l;
    double sine, cosine, weight, det;
    prediction_row of;
  };
  [[nodiscard]] point point_at(const level& s, const level& t, double share, double weight) const {
    point g{};
    double ratio, angle = 0;
    if (s.is_noise() || t.is_data()) {
      angle = std::atan2(difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma),
                         std::fma(s.alpha, t.alpha, s.sigma * t.sigma));
      ratio = std::tan(std::fma(angle, 1 - share, std::atan2(t.sigma, t.alpha)));
    } else {
      ratio = s.ratio() * std::exp(-log_snr_step(s, t) * share);
    }
    g.l = p_.at_ratio(ratio);
    const double r = detail::hypotenuse(g.l.alpha, g.l.sigma);
    g.sine = g.l.sigma / r;
    g.cosine = g.l.alpha / r;
    g.weight = weight * (angle > 0 ? -angle : -log_snr_step(s, t) * g.sine * g.cosine);
    g.of = row(g.l);
    g.det = difference_of_products(g.cosine, g.of.noise, g.sine, g.of.data);
    return g;
  }

  /// exp of the integral of A from l to t for eta = 0, in X: how a state without any q goes.
  [[nodiscard]] double homogeneous(const level& l, const level& t) const {
    const double r = detail::hypotenuse(l.alpha, l.sigma) / detail::hypotenuse(t.alpha, t.sigma);
    switch (q_) {
      case target::data:
        return r * t.sigma / l.sigma;
      case target::epsilon:
        return r * t.alpha / l.alpha;
      case target::velocity:
        return 1;
      case target::flow:
        return r;
      default:
        break;
    }
    double sum = 0;
    gauss_legendre([&](double share, double weight) {
      const point g = point_at(l, t, share, weight);
      sum -= g.weight * std::fma(g.sine, g.of.noise, g.cosine * g.of.data) / g.det;
    });
    return std::exp(sum);
  }

  void integrate(const level& s, const level& t, const std::vector<double>& at, double eta,
                 exponential_step& step) const {
    const double scale = detail::hypotenuse(t.alpha, t.sigma);
    // The factor of eta is the (1 + eta)-th power of that of the flow, and that of tan v.
    const auto kernel = [&](const level& l) {
      const double flow = homogeneous(l, t);
      if (eta == 0) return flow;
      const double cosines = l.alpha / detail::hypotenuse(l.alpha, l.sigma) * scale / t.alpha;
      return std::pow(flow, 1 + eta) * std::pow(cosines, eta);
    };
    step.of_x = kernel(s) * scale / detail::hypotenuse(s.alpha, s.sigma);
    double variance = 0;  // of the noise on its way to t: 2 eta (K sigma/alpha)^2 dlambda in y
    step.of_node.assign(at.size(), 0);
    std::array<std::vector<double>, most> basis;
    for (std::size_t j = 0; j < at.size(); ++j) basis[j] = lagrange(at, j);
    gauss_legendre([&](double share, double weight) {
      const point g = point_at(s, t, share, weight);
      // its place as it was chosen, where the schedule's own level would round it
      const double h = s.is_noise() || t.is_data() ? 0 : log_snr_step(s, t);
      const double r = h == 0 || u_ == variable::time ? place(s, t, g.l)
                       : u_ == variable::log_snr      ? share
                                                      : std::expm1(-h * share) / std::expm1(-h);
      const double way = scale * kernel(g.l), factor = way * (1 + eta) * g.weight / g.det;
      variance -= 2 * eta * way * way * g.weight * g.sine / g.cosine;
      for (std::size_t j = 0; j < at.size(); ++j) {
        double value = 0;
        for (std::size_t k = basis[j].size(); k-- > 0;) value = std::fma(value, r, basis[j][k]);
        step.of_node[j] = std::fma(factor, value, step.of_node[j]);
      }
    });
    step.of_normal = std::sqrt(variance);
  }

  const plan::builder& p_;
  target q_;
  variable u_;
};

}  // namespace fokker::inline v0::solver
