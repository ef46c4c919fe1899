// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/guide.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0::plan {

namespace on_numbers {

/// One denoiser at its word.
struct alone {
  static constexpr int branches = 1;
  [[nodiscard]] std::array<double, 1> weights(const moment&) const { return {1}; }
};

/// What knows data of two normals says of x.
[[nodiscard]] inline double two_normals(double x, const level& l) {
  struct bump {
    double share, mean, deviation;
  };
  double sum = 0, all = 0;
  for (const bump& b : {bump{0.3, -1, 0.4}, bump{0.7, 0.6, 0.25}}) {
    const double c = l.alpha * b.deviation, variance = std::fma(c, c, detail::rounded_product(l.sigma, l.sigma));
    const double off = std::fma(-l.alpha, b.mean, x);
    const double likely = detail::rounded_product(b.share / std::sqrt(variance), std::exp(-off * off / variance / 2));
    sum = std::fma(likely, std::fma(c / variance * b.deviation, off, b.mean), sum);
    all += likely;
  }
  return sum / all;
}

/// Where a plan without numbers that are found while sampling takes x, with a network that knows these data.
[[nodiscard]] inline double arrives(const program& p, double x) {
  known numbers(p);
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = x;
  apply(p.enter, numbers, memory, {});
  for (const call& c : p.calls) {
    const double here = nth(memory, c.input) / c.input_scale, data = two_normals(here, c.at);
    const double noise = c.at.is_data() ? 0 : std::fma(-c.at.alpha, data, here) / c.at.sigma;
    apply(c, numbers, memory,
          outputs(p, c, std::fma(c.predicts.data, data, detail::rounded_product(c.predicts.noise, noise))));
  }
  return memory[0];
}

/// By which power of the step the error of a plan's solver falls, as it is measured on data of two normals, on steps
/// that are even in log-SNR between levels of the plan. None where it draws noise, for a plan that was read, for
/// networks that are told where x goes, and where two doublings of the steps tell different ones.
[[nodiscard]] inline std::optional<double> measured_order(const program& p) {
  if (p.source.plan == nullptr || normals(p) > 0) return {};
  if (std::any_of(p.calls.begin(), p.calls.end(), [](const call& c) { return c.to.has_value(); })) return {};
  std::vector<double> ratios;
  for (const level& l : p.levels)
    if (!l.is_noise() && !l.is_data()) ratios.push_back(l.ratio());
  if (ratios.size() < 2) return {};
  double least = (std::min)(ratios.front(), ratios.back()), most = (std::max)(ratios.front(), ratios.back());
  if ((std::min)(most, 10.0) > 4 * (std::max)(least, 0.1))
    most = (std::min)(most, 10.0), least = (std::max)(least, 0.1);
  constexpr std::array starts{-1.3, -0.2, 0.5, 1.7};
  std::array<double, starts.size()> before{};
  std::vector<double> changes;
  even_steps steps{8, most, least};
  if (ratios.front() < ratios.back()) std::swap(steps.first, steps.last);
  for (; steps.count <= 512; steps.count *= 2) {
    double change = 0;
    try {
      const program finer = p.source.plan(p.source, rule_of(alone{}), false, steps);
      const double size = detail::hypotenuse(finer.levels.front().alpha, finer.levels.front().sigma);
      for (std::size_t i = 0; i < starts.size(); ++i) {
        const double there = arrives(finer, starts[i] * size) / finer.levels.back().alpha;
        change = (std::max)(change, std::abs(there - std::exchange(before[i], there)));
      }
    } catch (const std::invalid_argument&) {
      return {};
    }
    if (steps.count > 8) changes.push_back(change);
  }
  while (changes.size() > 2 && !(changes.back() > 1e-12)) changes.pop_back();  // of which double rounds some digits
  const double* last = &changes.back();
  const double order = std::log2(last[-1] / last[0]), before_it = std::log2(last[-2] / last[-1]);
  if (!(order > 0.5) || std::abs(order - before_it) > 0.5) return {};
  return order;
}

/// What a plan makes of x that has the law of its first level, for data N(0, deviation^2) and a network that knows it.
struct law {
  double gain;      ///< of the start: what it is in the result, over what the probability flow makes of it
  double variance;  ///< of the result, over that of its level
};

/// None where a plan is not linear: where it has limits of data, numbers known while sampling, or learned deviations.
[[nodiscard]] inline std::optional<law> on_normal_data(const program& p, double deviation) {
  bool linear = !p.has_measures() && p.tables.empty() && p.givens.empty();
  const auto look = [&linear](const update& u) {
    for (int j = 0; j < u.row_count; ++j) linear = linear && !(nth(u.rows, j).clamp < row::unclamped);
    for (int q = 0; q < u.normal_count; ++q) linear = linear && nth(u.normals, q).learned < 0;
  };
  look(p.enter);
  for (const call& c : p.calls) look(c.then);
  if (!linear) return {};
  const auto variance = [deviation](const level& l) {
    const double c = l.alpha * deviation;
    return std::fma(c, c, detail::rounded_product(l.sigma, l.sigma));
  };
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = 1;
  std::vector<drawn> normals;
  for (std::size_t i = p.calls.size(); i-- > 0;) {
    const call& c = p.calls[i];
    std::vector<double> said(static_cast<std::size_t>(p.branches), 0.0);
    go_back(c.then, memory, said, &normals);
    double data = c.at.alpha * deviation * deviation / variance(c.at), noise = c.at.sigma / variance(c.at);
    if (c.to) {  // those whose path leads where the flow does
      const double there = std::sqrt(variance(*c.to) / variance(c.at));
      const double det = difference_of_products(c.at.alpha, c.to->sigma, c.to->alpha, c.at.sigma);
      data = std::fma(-c.at.sigma, there, c.to->sigma) / det;
      noise = std::fma(c.at.alpha, there, -c.to->alpha) / det;
    }
    const double slope = std::fma(c.predicts.data, data, detail::rounded_product(c.predicts.noise, noise));
    const std::vector<double> slopes = outputs(p, c, slope / c.input_scale);
    for (std::size_t b = 0; b < said.size(); ++b)
      nth(memory, c.input) = std::fma(said[b], slopes[b], nth(memory, c.input));
  }
  std::vector<double> none;
  go_back(p.enter, memory, none, &normals);
  const auto key = [](const drawn& d) { return std::tuple(d.piece.stream, d.piece.id, d.piece.visit); };
  std::sort(normals.begin(), normals.end(), [&](const drawn& a, const drawn& b) { return key(a) < key(b); });
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < normals.size(); ++i) {
    weight += normals[i].weight;
    if (i + 1 < normals.size() && key(normals[i]) == key(normals[i + 1])) continue;
    sum = std::fma(weight, weight, sum);
    weight = 0;
  }
  const double first = variance(p.levels.front()), last = variance(p.levels.back());
  const double gain = memory[0] * std::sqrt(first / last);
  return law{gain, std::fma(gain, gain, sum / last)};
}

}  // namespace on_numbers

/// What can be told of a plan without a network, to be printed.
struct certificate {
  int steps = 0, calls = 0, evaluations = 0, normals = 0, buffers = 0;
  std::optional<double> order{};            ///< measured; none where it cannot be told
  double constants = 0;                     ///< constant_error
  double growth = 0;                        ///< constant_growth
  std::optional<on_numbers::law> normal{};  ///< on data N(0, deviation^2); none where the plan is not linear
  double deviation = 1;
  double rounding = 0;        ///< what roundings to float add up to at most, for data of size 1
  std::vector<int> labels{};  ///< calls that tell the network the label of the call before, at another time
  std::vector<std::string> findings{};

  /// Throws std::invalid_argument for a program that is not valid, and for a deviation that is not above 0.
  explicit certificate(const program& p, double data_deviation = 1) : deviation(data_deviation) {
    detail::require_positive("deviation", deviation);
    require_valid(p);
    steps = p.steps();
    calls = static_cast<int>(p.calls.size());
    evaluations = plan::evaluations(p);
    normals = plan::normals(p);
    buffers = p.buffers;
    order = on_numbers::measured_order(p);
    constants = constant_error(p);
    growth = constant_growth(p);
    normal = on_numbers::on_normal_data(p, deviation);
    for (const double factor : amplifications(p)) rounding = std::fma(factor, 0x1p-24, rounding);
    for (int i = 1; i < calls; ++i)
      if (repeats_label(p, static_cast<std::size_t>(i))) labels.push_back(i);
    findings = check(p);
  }
};

/// A line for each; `std::cout << certificate(plan)` writes it.
[[nodiscard]] inline std::string to_string(const certificate& c) {
  const auto line = [](std::string_view name, std::initializer_list<std::string_view> said) {
    return detail::joined({name, std::string(11 - name.size(), ' '), detail::joined(said), "\n"});
  };
  const auto number = [](double value) { return printed::padded(value, 0); };
  std::string all =
      line("plan", {detail::text(c.steps), " steps, ", detail::text(c.calls), " calls, ", detail::text(c.evaluations),
                    " evaluations, ", detail::text(c.normals), " normals, ", detail::text(c.buffers), " buffers"});
  all += c.order ? line("order", {number(*c.order), ", as measured"}) : line("order", {"not told"});
  all +=
      line("constants", {"off by ", number(c.constants), "; a rounding of weights grows ", number(c.growth), " times"});
  const std::string data = detail::joined({" for data N(0, ", number(c.deviation), "^2)"});
  all += c.normal ? line("gain", {number(c.normal->gain), " of that of the flow", data}) +
                        line("variance", {number(c.normal->variance), " of what it should be", data})
                  : line("gain", {"not told: the plan is not linear"});
  all += line("rounding", {"in float at most ", number(c.rounding), " of data of size 1"});
  std::string twice;
  for (const int i : c.labels) twice += (twice.empty() ? "calls " : ", ") + detail::text(i);
  all += line("labels", {twice.empty() ? "each time its own" : twice + " repeat the one before"});
  for (const std::string& finding : c.findings) all += line("finding", {finding});
  return all;
}
template <class Stream>
auto operator<<(Stream& out, const certificate& c) -> decltype(out << to_string(c)) {
  return out << to_string(c);
}

}  // namespace fokker::inline v0::plan
