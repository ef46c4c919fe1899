// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/kernel/host.hpp>
#include <fokker/tuning/judge.hpp>

namespace fokker::inline v0::tuning {

struct fit_options {
  static constexpr int most = -1;
  int history = most;  ///< earlier predictions that a row may have; `most` is what the kernels allow
  /// How strongly weights are held to those of DPM-Solver++(2M), in parts of the mean square of predictions. Of several
  /// numbers that which is best on the held-out samples; each costs a call of the network for each level and sample.
  std::vector<double> ridges = {1e-8, 1e-6, 1e-5, 1e-4, 1e-3};
};

/// A sampler that was fitted, and its mean error: of each sample the root mean square of what its end differs by from
/// the recording's.
struct fit_result {
  solver::fitted solver{};
  double error = 0;     ///< on the samples that it was fitted to
  double held_out = 0;  ///< on others
  double ridge = 0;
};

namespace fitting {

/// A mark of the network's use in plans of a solver.
template <class Net>
[[nodiscard]] std::uint64_t use_of(const Net& net, const solver::fitted& f) {
  plan::builder p(net.schedule, net.parameterization, f.levels, plan::rule_of(net.guidance));
  static_cast<void>(f(p, plan::expression(plan::atom{0})));
  return solver::use_of(p);
}

/// The row that is nearest to the target over the samples, those far away counting less. `dots[i][j]` has for each
/// sample the product of members i and j over its size; the last member is the target. `errors` are what is left.
[[nodiscard]] inline std::vector<double> row(const std::vector<std::vector<std::vector<double>>>& dots,
                                             const std::vector<double>& stock, double ridge,
                                             std::vector<double>& errors) {
  const std::size_t n = stock.size(), samples = dots[n][n].size();
  std::vector<double> weight(samples, 1.0), c;
  for (int round = 0; round < 5; ++round) {
    std::vector<double> a(n * n), b(n);
    double sum = 0;
    for (const double w : weight) sum += w;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t s = 0; s < samples; ++s) product = std::fma(weight[s], dots[i][j][s], product);
        a[i * n + j] = a[j * n + i] = product;
      }
      for (std::size_t s = 0; s < samples; ++s) b[i] = std::fma(weight[s], dots[n][i][s], b[i]);
      a[i * n + i] = std::fma(ridge, sum, a[i * n + i]);
      b[i] = std::fma(ridge * sum, stock[i], b[i]);
    }
    c = least_squares(a, b);
    errors.assign(samples, 0.0);
    for (std::size_t s = 0; s < samples; ++s) {
      double square = dots[n][n][s];
      for (std::size_t i = 0; i < n; ++i) {
        square = std::fma(-2 * c[i], dots[n][i][s], square);
        for (std::size_t j = 0; j < n; ++j)
          square = std::fma(c[i] * c[j], dots[(std::max)(i, j)][(std::min)(i, j)][s], square);
      }
      errors[s] = std::sqrt((std::max)(square, 0.0));
    }
    std::vector<double> sorted = errors;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(samples / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    if (!(*middle > 0)) break;
    for (std::size_t s = 0; s < samples; ++s) weight[s] = *middle / (errors[s] + *middle);
  }
  return c;
}

}  // namespace fitting

/// How many earlier predictions the kernels allow the rows of a sampler over these levels.
template <class Net>
[[nodiscard]] int most_history(const Net& net, const std::vector<level>& levels) {
  const int calls = static_cast<int>(levels.size()) - 1;
  for (int history = calls - 1; true; --history) {
    solver::fitted f{.levels = levels, .rows = {}, .history = history};
    for (int k = 0; k < calls; ++k)
      f.rows.emplace_back(static_cast<std::size_t>(2 + (std::min)(k, history)), 1.0 / (3 + k));
    for (std::size_t k = 0; k < f.rows.size(); ++k)  // of no rank less than it can be
      for (std::size_t j = 0; j < f.rows[k].size(); ++j)
        f.rows[k][j] += std::cos(static_cast<double>(7 * k + j * j)) / 10;
    try {
      static_cast<void>(net.planned(levels, f));
      return history;
    } catch (const std::invalid_argument&) {
      if (history == 0) throw;
    }
  }
}

/// The runs of a sampler whose rows are not all known yet, on all samples to tune on side by side. Each stops after
/// each call and goes on from the state that a row makes. What was before a call stays, so that other rows can be tried
/// from there on.
template <class Net>
class student {
 public:
  student(Net& net, const recording& r, std::vector<level> levels) : net_(&net), r_(&r), levels_(std::move(levels)) {
    plan_ = net.planned(levels_, solver::ddim{}, true);  // what a row makes takes the place of what DDIM makes
    length_ = r.samples * r.size;
    batch_ = detail::shape_of(net.x, "x").size();
    at_.resize(calls() + 1);
    at_[0].x.resize(length_);
    for (int b = 0; b < batches(); ++b) {
      stepper_of<Net> s(plan_, batch(r.how.seed, b), net.x);
      to_host(s.x(), 1 / (s.scale() * radius(levels_.front())), column(at_[0].x, b));
      at_[0].runs.push_back(s.stop());
    }
  }

  [[nodiscard]] std::size_t calls() const { return levels_.size() - 1; }
  [[nodiscard]] const std::vector<level>& levels() const { return levels_; }

  /// The samples at call k, and at the end, over the radius as all states are; and what is predicted there.
  [[nodiscard]] const std::vector<double>& x(std::size_t k) const { return at_[k].x; }
  [[nodiscard]] const std::vector<double>& data(std::size_t k) const { return at_[k].data; }
  /// What a row multiplies: x, and the predictions, the last one first.
  [[nodiscard]] const std::vector<double>& member(std::size_t k, std::size_t i) const {
    return i == 0 ? at_[k].x : at_[k + 1 - i].data;
  }

  /// Other levels, as many, which are the same up to that of call `from`.
  void move(std::vector<level> levels, std::size_t from) {
    levels_ = std::move(levels);
    plan_ = net_->planned(levels_, solver::ddim{}, true);
    forget(from + 1);
  }

  /// Calls the network, once for each batch, where that is not done yet.
  void call(std::size_t k) {
    if (at_[k].called) return;
    at_[k].called = true;
    ++made_;
    auto&& networks = detail::as_denoisers(net_->denoiser);
    at_[k].data.resize(length_);
    at_[k + 1].runs.clear();
    for (int b = 0; b < batches(); ++b) {
      stepper_of<Net> s(plan_, batch(r_->how.seed, b), net_->x, detail::nth(at_[k].runs, b));
      detail::call_networks(s, networks);
      s.advance();
      to_host(*s.preview(), 1, column(at_[k].data, b));
      at_[k + 1].runs.push_back(s.stop());
    }
  }

  /// Goes on to call k + 1, or to the end, by a row.
  void go(std::size_t k, const std::vector<double>& row) {
    std::vector<double>& next = at_[k + 1].x;
    next.assign(length_, 0.0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::vector<double>& from = member(k, i);
      for (std::size_t e = 0; e < length_; ++e) next[e] = std::fma(row[i], from[e], next[e]);
    }
    forget(k + 1);
    if (k + 1 < calls()) put(k + 1);
  }
  /// By these rows from call k to the end.
  void finish(std::size_t k, const std::vector<std::vector<double>>& rows) {
    for (; k < calls(); ++k) {
      call(k);
      go(k, rows[k]);
    }
  }

  /// How often the network was called, for each sample.
  [[nodiscard]] double made() const { return made_; }

 private:
  struct before_call {
    std::vector<typename stepper_of<Net>::state> runs;
    std::vector<double> x, data;
    bool called = false;
  };
  void forget(std::size_t from) {
    for (; from < at_.size(); ++from) at_[from].called = false;
  }
  [[nodiscard]] int batches() const { return static_cast<int>(length_ / batch_); }
  [[nodiscard]] double* column(std::vector<double>& all, int b) const {
    return all.data() + static_cast<std::size_t>(b) * batch_;
  }
  void put(std::size_t k) {
    const plan::call& to = plan_.calls[k];
    const double scale = radius(to.at) * to.input_scale;
    for (int b = 0; b < batches(); ++b) {
      auto& here = detail::nth(detail::nth(at_[k].runs, b).buffers, to.input).get();
      from_host(column(at_[k].x, b), scale, here);
      to_host(here, 1 / scale, column(at_[k].x, b));  // as the network reads it
    }
  }

  Net* net_;
  const recording* r_;
  std::vector<level> levels_;
  plan::program plan_;
  std::size_t length_ = 0, batch_ = 0;
  std::vector<before_call> at_;
  double made_ = 0;
};

/// Fits the rows of a student from one on, those before it being `rows`, of which its runs are. The held-out error is
/// not found.
template <class Net>
[[nodiscard]] fit_result fit_rows(Net& net, const recording& r, student<Net>& run, int history, double ridge,
                                  std::size_t from = 0, std::vector<std::vector<double>> rows = {}) {
  const std::vector<level>& levels = run.levels();
  const std::size_t calls = run.calls(), length = r.samples * r.size;
  rows.resize(from);
  const auto dot = [&](const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> all(r.samples);
    kernel::host::dot(a.data(), b.data(), r.samples, r.size, all.data());
    for (double& one : all) one /= static_cast<double>(r.size);
    return all;
  };
  std::vector<std::vector<std::vector<double>>> dots;  // of all members and the target, for each sample
  std::vector<double> errors;
  for (std::size_t k = from; k < calls; ++k) {
    run.call(k);
    std::vector<double> target(length);
    const four_rows near = interpolation(r.angles, r.count() + 1, angle(levels[k + 1]));
    for (std::size_t i = 0; i < 4; ++i)
      if (const double* state = r.state(near.row[i]); near.weight[i] != 0)
        for (std::size_t e = 0; e < length; ++e) target[e] = std::fma(near.weight[i], state[e], target[e]);
    const std::size_t n = 2 + (std::min)(k, static_cast<std::size_t>(history));
    const auto earlier = std::exchange(dots, std::vector<std::vector<std::vector<double>>>(n + 1));
    for (std::size_t i = 0; i <= n; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        const bool known = !earlier.empty() && j > 1 && i < n;  // of two earlier predictions
        dots[i].push_back(known ? earlier[i - 1][j - 1]
                                : dot(i < n ? run.member(k, i) : target, j < n ? run.member(k, j) : target));
      }
    std::vector<double> stock = stock_row(k > 0 ? angle(levels[k - 1]) : 0, angle(levels[k]), angle(levels[k + 1]));
    stock.resize(n);
    double mean_square = 0;
    for (const double square : dots[1][1]) mean_square += square / static_cast<double>(r.samples);
    rows.push_back(fitting::row(dots, stock, ridge * mean_square, errors));
    run.go(k, rows.back());
  }
  fit_result result{.solver = {.levels = levels, .rows = std::move(rows), .network = net.name, .history = history},
                    .ridge = ridge};
  for (const double e : errors) result.error += e / static_cast<double>(errors.size());
  result.solver.use = fitting::use_of(net, result.solver);
  return result;
}
template <class Net>
[[nodiscard]] fit_result fit_rows(Net& net, const recording& r, const std::vector<level>& levels, int history,
                                  double ridge) {
  student<Net> run(net, r, levels);
  return fit_rows(net, r, run, history, ridge);
}

/// The mean error of a plan on the held-out samples.
template <class Net>
[[nodiscard]] double held_out_error(Net& net, const recording& r, const plan::program& plan) {
  const std::vector<double> found = ends(net, plan, r.how.seed, r.how.batches, r.how.held_out);
  return mean_error(found.data(), r.held_out.data(), found.size() / r.size, r.size);
}

/// Weights for the calls at given levels: row after row by least squares along the run's own states, so that each row
/// also mends what earlier ones left. The levels begin where the recording does and end at the data. Throws
/// std::invalid_argument for other levels, for no ridge or one that is not above 0, and for rows longer than the
/// kernels allow.
template <class Net>
[[nodiscard]] fit_result fit(Net&& net, const recording& r, const std::vector<level>& levels,
                             const fit_options& options = {}) {
  detail::require_levels(levels);
  if (!(std::abs(angle(levels.front()) - r.angles.front()) <= 0x1p-30))
    detail::refuse("the start, sigma/alpha", levels.front().ratio(),
                   detail::joined({detail::text(r.levels.front().ratio()), ", that of the recording"}));
  if (!levels.back().is_data()) detail::refuse("sigma of the last level", levels.back().sigma, "0: the data");
  if (options.ridges.empty()) detail::refuse("the number of ridges", 0, "1 or more");
  for (const double ridge : options.ridges) detail::require_positive("a ridge", ridge);
  const int most = most_history(net, levels);
  const int history = options.history == fit_options::most ? most : options.history;
  if (history < 0 || (history > most && history + 1 < static_cast<int>(levels.size())))
    detail::refuse("history", history, detail::joined({"0 to ", detail::text(most), ", which the kernels allow"}));
  fit_result best{.held_out = (std::numeric_limits<double>::max)()};
  for (const double ridge : options.ridges) {
    fit_result one = fit_rows(net, r, levels, history, ridge);
    one.held_out = held_out_error(net, r, net.planned(levels, one.solver));
    if (one.held_out < best.held_out) best = std::move(one);
  }
  return best;
}

}  // namespace fokker::inline v0::tuning
