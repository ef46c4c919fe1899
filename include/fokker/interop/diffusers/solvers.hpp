// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/plan/builder.hpp>
#include <fokker/solver/exponential_integral.hpp>
#include <fokker/solver/multistep.hpp>
#include <fokker/solver/pndm.hpp>
#include <fokker/solver/tcd.hpp>

/// Solvers whose orders are rules of diffusers: what its schedulers decide from step to step.
namespace fokker::inline v0::interop {

/// A multistep method whose steps are told by a function of (level, steps left).
template <class Step>
struct multistep_by_rule {
  static constexpr bool stochastic = true;
  static constexpr int evaluations = 1;
  solver::target target;
  int order;
  int history;
  Step step;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return solver::take_multisteps(p, std::move(x), target, solver::variable::log_snr,
                                   [this](const level& s, int, int left) { return step(s, left); });
  }
};
template <class Step>
multistep_by_rule(solver::target, int, int, Step) -> multistep_by_rule<Step>;

/// DPM-Solver(++) "singlestep": the levels of the grid are the stages of groups of up to three steps, each with the
/// predictions of its group alone. Lu et al. 2022 (arXiv:2206.00927, arXiv:2211.01095), with diffusers' forms: of the
/// third order "midpoint" uses the first and the last prediction alone.
struct singlestep {
  static constexpr int evaluations = 1;
  static constexpr bool stochastic = true;
  solver::target target = solver::target::data;
  int order = 2;
  int history = 1;
  solver::form form = solver::form::midpoint;
  double eta = 0;
  std::vector<int> groups;  ///< how many steps each group has; their sum is that of the grid

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const solver::exponential_integral integral(p, target, solver::variable::log_snr);
    plan::expression start;                // of the group
    std::vector<level> nodes;              // of the group, the first one first
    std::vector<plan::expression> values;  // the target there
    auto left = groups.begin();
    for (auto [at, to] : p.steps()) {
      const auto m = p.call(x, at);
      if (nodes.empty()) start = x;
      nodes.push_back(at);
      values.push_back(p.keep(solver::of(m, target)));
      if (to.is_data()) return to.alpha * m.data;
      const bool ends = nodes.size() == 3 && form == solver::form::midpoint;
      const auto w =
          ends ? integral(nodes[0], to, {nodes[0], nodes[2]}, eta) : integral(nodes[0], to, nodes, eta, {.form = form});
      x = w.of_x * start + w.of_node[0] * values[0];
      for (std::size_t j = 1; j < w.of_node.size(); ++j) x = x + w.of_node[j] * values[ends ? 2 : j];
      if (eta > 0) x = x + w.of_normal * p.path(at, to, {2 * eta})(at, to);
      if (nodes.size() == static_cast<std::size_t>(*left)) {
        nodes.clear();
        values.clear();
        ++left;
      }
    }
    return x;
  }
};

/// PNDM with the middle of a step of Runge and Kutta half a stride from its ends, rounded down: the first call there is
/// at the upper one, and both are told the lower one.
struct pndm_on_timesteps {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = 3;
  static constexpr bool stochastic = false;
  int half;  ///< of the stride between timesteps

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return solver::take_pndm(p, std::move(x), [this, &p](const level& s, const level& t) {
      const double way = std::min<double>(half, std::floor((s.time - t.time) / 2));  // the last step has none
      level upper = p.at(s.time - way);
      const level lower = p.at(t.time + way);
      upper.label = lower.time;
      return std::pair{upper, lower};
    });
  }
};

/// TCD whose (1 - gamma) t is rounded down, in float32.
struct tcd_on_timesteps {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;
  double gamma = 0.3;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return solver::take_tcd(p, std::move(x), [kept = static_cast<float>(1 - gamma)](const level& t) {
      return std::floor(kept * static_cast<float>(t.time));
    });
  }
};

/// LCM whose limit is that of the network's own data, before c_out and c_skip of parameterization::latent_consistency.
struct lcm_of_limited_data {
  static constexpr int order = 0;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;
  double sigma_data = 0.5;
  double label_scale = 10;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const double label = label_scale * (fokker::detail::is_nan(s.label) ? s.time : s.label);
      const double r = fokker::detail::hypotenuse(label, sigma_data), skip = sigma_data / r;
      x = t.alpha * (label / r * m.data + skip * skip * x);
      if (!t.is_data()) x = x + t.sigma * p.path(s, t, {0})(s, t);
    }
    return x;
  }
};

/// DDPM that ends before the data, and there on its mean.
struct ddpm_to_mean {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    int left = 0;
    for (auto i = p.steps().begin(); i != p.steps().end(); ++i) ++left;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const double fresh = fresh_share(s, t);
      x = t.alpha * fresh * m.data + decay(s, t) * (t.sigma / s.sigma) * x;
      if (--left > 0) x = x + t.sigma * std::sqrt(fresh) * p.path(s, t)(s, t);
    }
    return x;
  }
};

/// DDPM with its scalars as diffusers forms them in float32, where 1 - a/b of two neighbours has four digits;
/// solver::ddpm has all of them. Of unCLIP the variance of a step between neighbours is `betas`' own.
struct ddpm_in_float32 {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;
  bool fixed_large = false;
  std::vector<double> betas = {};

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const auto square = [](double alpha) { return static_cast<float>(alpha * alpha); };
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const float a = square(s.alpha), before = square(t.alpha), kept = a / before, noise = 1 - a;
      const bool neighbours = !betas.empty() && t.time == s.time - 1;
      const float beta = neighbours ? static_cast<float>(betas[static_cast<std::size_t>(s.time)]) : 1 - kept;
      const float variance = fixed_large ? beta : (1 - before) / noise * beta;
      const float of_data = std::sqrt(before) * beta / noise;
      const float of_x = std::sqrt(neighbours ? 1 - beta : kept) * (1 - before) / noise;
      x = static_cast<double>(of_data) * m.data + static_cast<double>(of_x) * x;
      if (!t.is_data()) x = x + static_cast<double>(std::sqrt(variance)) * p.path(s, t)(s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::interop
