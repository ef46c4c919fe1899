// SPDX-License-Identifier: MIT
#pragma once

// One-dimensional problems with a closed form, and ways to run a plan on them that do not use the kernels.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/sample.hpp>

namespace test {

using fokker::level;

/// Data N(mean, deviation^2).
struct normal_data {
  double mean = 0.4;
  double deviation = 0.5;

  [[nodiscard]] double variance(const level& l) const {
    return l.alpha * l.alpha * deviation * deviation + l.sigma * l.sigma;
  }
  [[nodiscard]] double data(double x, const level& l) const {
    return (deviation * deviation * l.alpha * x + l.sigma * l.sigma * mean) / variance(l);
  }
  /// Where the probability flow takes x: standard scores stay what they are.
  [[nodiscard]] double flow(double x, const level& s, const level& t) const {
    return t.alpha * mean + std::sqrt(variance(t) / variance(s)) * (x - s.alpha * mean);
  }
};

/// Data of two normals.
struct two_normals {
  std::array<double, 2> weight{0.3, 0.7}, mean{-1.0, 0.6}, deviation{0.4, 0.25};

  [[nodiscard]] double data(double x, const level& l) const {
    std::array<double, 2> log_share{}, posterior{};
    for (std::size_t k = 0; k < 2; ++k) {
      const double c2 = deviation[k] * deviation[k], v = l.alpha * l.alpha * c2 + l.sigma * l.sigma;
      const double off = x - l.alpha * mean[k];
      log_share[k] = std::log(weight[k]) - 0.5 * std::log(v) - 0.5 * off * off / v;
      posterior[k] = (c2 * l.alpha * x + l.sigma * l.sigma * mean[k]) / v;
    }
    const double share = 1 / (1 + std::exp(log_share[1] - log_share[0]));
    return share * posterior[0] + (1 - share) * posterior[1];
  }
  [[nodiscard]] double cdf(double x, const level& l) const {
    double sum = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const double v = l.alpha * l.alpha * deviation[k] * deviation[k] + l.sigma * l.sigma;
      sum += weight[k] * 0.5 * std::erfc(-(x - l.alpha * mean[k]) / std::sqrt(2 * v));
    }
    return sum;
  }
  /// In one dimension the probability flow keeps quantiles: F_t(x_t) = F_s(x_s). By bisection to the last bit.
  [[nodiscard]] double flow(double x, const level& s, const level& t) const {
    const double quantile = cdf(x, s);
    double low = -50, high = 50;
    for (int i = 0; i < 200; ++i) {
      const double middle = 0.5 * (low + high);
      (cdf(middle, t) < quantile ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }
};

/// What a network of a call's parameterization says when it knows the data: p = a D + b eps; eps is 0 at data, its
/// mean. Where it is told where x goes and the flow is known, D and eps are those whose path leads where the flow does.
template <class Problem>
double predict(const Problem& problem, const fokker::plan::call& c, double input) {
  const double x = input / c.input_scale;
  if constexpr (requires { problem.flow(x, c.at, c.at); })
    if (c.to) {
      const double there = problem.flow(x, c.at, *c.to);
      const double det = fokker::difference_of_products(c.at.alpha, c.to->sigma, c.to->alpha, c.at.sigma);
      return c.predicts.data * (x * c.to->sigma - there * c.at.sigma) / det +
             c.predicts.noise * (c.at.alpha * there - c.to->alpha * x) / det;
    }
  const double D = problem.data(x, c.at);
  return c.predicts.data * D + (c.at.is_data() ? 0 : c.predicts.noise * (x - c.at.alpha * D) / c.at.sigma);
}

struct silence {
  struct four {
    float z[4];
  };
  four normals(std::uint32_t, std::uint32_t, const fokker::noise_piece&) const { return {}; }
};

/// A plan run on one number by the library itself, from x at its first level, on a network whose type is forgotten, so
/// that the stepper is compiled once.
inline double run(const fokker::plan::program& plan,
                  const std::function<double(const fokker::plan::call&, double)>& network, double x) {
  std::vector<double> memory{x};
  fokker::stepper<std::vector<double>, silence> r(plan, silence{}, memory, fokker::beginning::given);
  while (!r.done()) {
    for (int b = 0; b < plan.branches; ++b) r.output(b)[0] = network(r.call(), r.input()[0]);
    r.advance();
  }
  return memory[0];
}
/// The same for a network that knows the data.
template <class Problem>
requires requires(const Problem& problem, const level& at) { problem.data(0.0, at); }
double run(const fokker::plan::program& plan, const Problem& problem, double x) {
  return run(
      plan, [&problem](const fokker::plan::call& c, double input) { return predict(problem, c, input); }, x);
}

/// A number that depends linearly on things: a constant (key {-1, 0}) and normals by stream and id. The terms lie in
/// one piece of memory, by their keys: sums of them are most of what these tests take time for.
struct linear {
  struct key {
    long first = 0, second = 0;
    [[nodiscard]] bool operator==(const key&) const = default;
    [[nodiscard]] bool before(const key& other) const {
      return first != other.first ? first < other.first : second < other.second;
    }
  };
  struct term {
    key of;
    double value = 0;
  };
  std::vector<term> terms;

  linear() = default;
  linear(std::initializer_list<term> list) {
    for (const term& t : list) (*this)[t.of] = t.value;
  }

  /// How many terms have keys before this one.
  [[nodiscard]] std::ptrdiff_t before(const key& of) const {
    return std::lower_bound(begin(), end(), of, [](const term& t, const key& k) { return t.of.before(k); }) - begin();
  }
  [[nodiscard]] const term* begin() const { return terms.data(); }
  [[nodiscard]] const term* end() const { return terms.data() + terms.size(); }
  [[nodiscard]] const term* find(const key& of) const {
    const term* place = begin() + before(of);
    return place != end() && place->of == of ? place : end();
  }
  [[nodiscard]] std::size_t size() const { return terms.size(); }
  [[nodiscard]] std::size_t count(const key& of) const { return find(of) != end(); }
  [[nodiscard]] double at(const key& of) const {
    const term* place = find(of);
    if (place == end()) throw std::out_of_range("a linear number without this term");
    return place->value;
  }
  double& operator[](const key& of) {
    const auto place = terms.begin() + before(of);
    return (place != terms.end() && place->of == of ? place : terms.insert(place, {of, 0}))->value;
  }
};
inline void add(linear& sum, const linear& other, double factor) {
  std::vector<linear::term> terms(sum.size() + other.size());
  linear::term* next = terms.data();
  const linear::term *a = sum.begin(), *b = other.begin(), *end_of_a = sum.end(), *end_of_b = other.end();
  while (a != end_of_a || b != end_of_b) {
    const bool of_a = b == end_of_b || (a != end_of_a && !b->of.before(a->of));
    const bool of_b = a == end_of_a || (b != end_of_b && !a->of.before(b->of));
    *next = of_a ? *a++ : linear::term{b->of, 0};
    if (of_b) next->value += factor * b++->value;
    ++next;
  }
  terms.resize(static_cast<std::size_t>(next - terms.data()));
  sum.terms = std::move(terms);
}

/// Runs a plan's arithmetic on linear numbers: `said(call, branch, input)` is a network's output.
template <class Network>
linear propagate(const fokker::plan::program& plan, linear start, Network said) {
  using namespace fokker::plan;
  std::vector<linear> memory(static_cast<std::size_t>(plan.buffers)), outputs(static_cast<std::size_t>(plan.branches));
  memory[0] = std::move(start);
  const auto apply = [&](const update& u) {
    std::vector<linear> results(static_cast<std::size_t>(u.row_count));
    for (std::size_t j = 0; j < results.size(); ++j) {
      for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
        add(results[j],
            (u.inputs[k].where == operand::buffer ? memory : outputs)[static_cast<std::size_t>(u.inputs[k].index)],
            u.rows[j].inputs[k]);
      for (std::size_t i = 0; i < j; ++i) add(results[j], results[i], u.rows[j].earlier[i]);
      for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
        results[j][{u.normals[q].stream, u.normals[q].id}] += u.rows[j].normals[q];
    }
    for (std::size_t j = 0; j < results.size(); ++j)
      memory[static_cast<std::size_t>(u.rows[j].buffer)] = std::move(results[j]);
  };
  apply(plan.enter);
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    const call& c = plan.calls[i];
    for (int b = 0; b < plan.branches; ++b)
      outputs[static_cast<std::size_t>(b)] = said(static_cast<int>(i), b, memory[static_cast<std::size_t>(c.input)]);
    apply(c.then);
  }
  return memory[0];
}

struct moments {
  double mean = 0;
  double variance = 0;
};

/// The exact mean and variance of a plan's result on normal data, from their exact law at its first level: for such
/// data every network is linear, so no sample is drawn.
inline moments law(const fokker::plan::program& plan, const normal_data& problem) {
  const level& first = plan.levels.front();
  const linear start{{{-1, 0}, first.alpha * problem.mean}, {{0, 0}, std::sqrt(problem.variance(first))}};
  const linear end = propagate(plan, start, [&](int i, int, const linear& input) {
    const auto& c = plan.calls[static_cast<std::size_t>(i)];
    const double offset = predict(problem, c, 0.0), slope = predict(problem, c, 1.0) - offset;
    linear out{{{-1, 0}, offset}};
    add(out, input, slope);
    return out;
  });
  moments m;
  for (const auto& [key, value] : end)
    if (key.first < 0)
      m.mean += value;
    else
      m.variance += value * value;
  return m;
}

/// How the network inputs and the result depend on the start, key {-2, 0}, on the output of branch b at call i, key
/// {-3 - b, i}, and on normals.
struct response {
  std::vector<linear> inputs;  ///< one for each call and branch
  linear end;
};
inline response respond(const fokker::plan::program& plan) {
  response r;
  r.end = propagate(plan, linear{{{-2, 0}, 1.0}}, [&](int i, int b, const linear& input) {
    r.inputs.push_back(input);
    return linear{{{-3 - b, i}, 1.0}};
  });
  return r;
}

/// The fewest tensors that can be alive before each call: the rank of what is still to come (network inputs and the
/// result) as functions of what has been (the start and the networks' outputs).
inline std::vector<int> fewest_alive(const fokker::plan::program& plan) {
  auto [inputs, end] = respond(plan);
  inputs.push_back(end);
  // With several branches each call has its input once per branch.
  std::vector<linear> future;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i % static_cast<std::size_t>(plan.branches) == 0 || i + 1 == inputs.size()) future.push_back(inputs[i]);
  std::vector<int> alive;
  for (std::size_t cut = 0; cut + 1 < future.size(); ++cut) {
    std::vector<linear> rows;
    for (std::size_t i = cut; i < future.size(); ++i) {
      linear past;
      for (const auto& [key, value] : future[i])
        if (key.first == -2 || (key.first < -2 && key.second < static_cast<long>(cut))) past[key] = value;
      rows.push_back(past);
    }
    int rank = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double largest = 0, scale = 0;
      linear::key pivot;
      for (const auto& [key, value] : rows[i])
        if (std::abs(value) > largest) largest = std::abs(value), pivot = key;
      for (const auto& [key, value] : future[cut + i]) scale = std::max(scale, std::abs(value));
      if (largest <= 1e-9 * scale) continue;  // what elimination left of a dependent row
      ++rank;
      for (std::size_t j = i + 1; j < rows.size(); ++j)
        if (const double factor = rows[j].count(pivot) ? rows[j][pivot] / largest * (rows[i][pivot] < 0 ? -1 : 1) : 0;
            factor != 0)
          add(rows[j], rows[i], -factor);
    }
    alive.push_back(rank);
  }
  return alive;
}
inline int fewest_buffers(const fokker::plan::program& plan) {
  const std::vector<int> alive = fewest_alive(plan);
  return *std::max_element(alive.begin(), alive.end());
}

/// The slope of log error against log steps between the first and the last of a doubling sequence of errors.
inline double slope(const std::vector<double>& errors) {
  return std::log2(errors.front() / errors.back()) / static_cast<double>(errors.size() - 1);
}

}  // namespace test
