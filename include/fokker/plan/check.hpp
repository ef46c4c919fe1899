// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::plan {

namespace scalar {

/// One update on single numbers, in double: `memory` are the buffers, `outputs` the branches, normals are 0.
inline void apply(const update& u, std::vector<double>& memory, const std::vector<double>& outputs) {
  std::array<double, max_rows> results{};
  for (int j = 0; j < u.row_count; ++j) {
    const row& r = at(u.rows, j);
    double sum = 0;
    for (int k = 0; k < u.input_count; ++k) {
      const operand& in = at(u.inputs, k);
      const double value = (in.where == operand::buffer ? memory : outputs)[static_cast<std::size_t>(in.index)];
      sum = std::fma(at(r.inputs, k), value, sum);
    }
    for (int i = 0; i < j; ++i) sum = std::fma(at(r.earlier, i), at(results, i), sum);
    at(results, j) = std::clamp(sum, -r.clamp, r.clamp);
  }
  for (int j = 0; j < u.row_count; ++j) at(memory, at(u.rows, j).buffer) = at(results, j);
}

/// A threshold on single numbers: the quantile of one is its magnitude. The weight that it leaves for its row.
inline double apply(const threshold& t, std::vector<double>& memory, const std::vector<double>& outputs) {
  apply(t.raw, memory, outputs);
  return t.bound / (std::min)((std::max)(std::abs(at(memory, t.raw.rows[0].buffer)), t.bound), t.largest);
}

/// One call: its threshold, where it has one, and its update.
inline void apply(const program& p, const call& c, std::vector<double>& memory, const std::vector<double>& outputs) {
  update u = c.then;
  if (c.threshold >= 0) {
    const threshold& t = at(p.thresholds, c.threshold);
    const double weight = apply(t, memory, outputs);
    for (double& w : at(u.rows, t.row).inputs) w *= weight;
  }
  apply(u, memory, outputs);
}

[[nodiscard]] inline bool finite(const update& u) {
  for (int q = 0; q < u.normal_count; ++q)
    if (!detail::is_finite(at(u.normals, q).slope) || !detail::is_finite(at(u.normals, q).offset)) return false;
  for (int j = 0; j < u.row_count; ++j) {
    const row& r = at(u.rows, j);
    if (!detail::is_finite(r.clamp) || r.clamp < 0) return false;
    for (const auto& weights : {&r.inputs[0], &r.earlier[0], &r.normals[0]}) {
      const int count = weights == &r.inputs[0] ? max_inputs : weights == &r.earlier[0] ? max_rows : max_normals;
      for (int k = 0; k < count; ++k)
        if (!detail::is_finite(weights[k])) return false;
    }
  }
  return true;
}

[[nodiscard]] inline bool finite(const threshold& t) {
  return t.quantile > 0 && t.quantile <= 1 && t.bound > 0 && detail::is_finite(t.bound) && t.largest > 0 &&
         !detail::is_nan(t.quantile) && finite(t.raw);
}

}  // namespace scalar

/// Throws std::invalid_argument where a label or a coefficient is not finite (tested on the bits).
inline void require_finite(const program& p) {
  if (!scalar::finite(p.enter) || !scalar::finite(p.draw))
    throw std::invalid_argument("fokker: a coefficient before the first call is not finite");
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    const bool labelled = detail::is_finite(p.calls[i].at.label);
    const int limiting = p.calls[i].threshold;
    if (labelled && scalar::finite(p.calls[i].then) && (limiting < 0 || scalar::finite(at(p.thresholds, limiting))))
      continue;
    throw std::invalid_argument(
        detail::joined({"fokker: call ", detail::text(i), ", at time ", detail::text(p.calls[i].at.time),
                        labelled ? ": a coefficient is not finite" : ": the label is not finite"}));
  }
}

/// How far the plan is from taking data that is one constant c, with a network that knows it and no noise, to c:
/// the largest |x_t - alpha_t c| / (alpha_t c) over its calls and its end, for c = 1 or a smaller bound of data. In
/// y = x / alpha this is A + sum w = 1.
[[nodiscard]] inline double constant_error(const program& p) {
  double constant = 1;  // or what the limits of data let pass
  for (const call& c : p.calls)
    for (const row& r : c.then.rows) constant = (std::min)(constant, r.clamp);
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = p.levels.front().alpha * constant;
  double error = 0;
  scalar::apply(p.enter, memory, {});
  const auto compare = [&error](double value, double expected) {
    const double off = std::abs(value - expected);
    error = (std::max)(error, expected == 0 ? off : off / expected);
  };
  for (const call& c : p.calls) {
    compare(at(memory, c.input), detail::rounded_product(c.at.alpha * c.input_scale, constant));
    scalar::apply(p, c, memory, std::vector<double>(static_cast<std::size_t>(p.branches), c.predicts.data * constant));
  }
  compare(memory[0], detail::rounded_product(p.levels.back().alpha, constant));
  return error;
}

/// What a careful user should know of a plan before running it, a sentence each; empty where nothing was found.
[[nodiscard]] inline std::vector<std::string> check(const program& p) {
  std::vector<std::string> findings;
  using detail::joined;
  using detail::text;
  const bool inverted = p.levels.size() > 1 && towards_data(p.levels.back(), p.levels.front());
  for (std::size_t i = 1; i < p.levels.size(); ++i)
    if (const level& a = p.levels[i - 1], &b = p.levels[i]; !(inverted ? towards_data(b, a) : towards_data(a, b)))
      findings.push_back(joined(
          {"level ", text(i), " is not strictly nearer to ", inverted ? "noise" : "data", " than the one before"}));
  for (std::size_t i = 1; i < p.calls.size(); ++i) {
    const level &before = p.calls[i - 1].at, &here = p.calls[i].at;
    if (before.label == here.label && before.time != here.time)
      findings.push_back(joined({"calls ", text(i - 1), " and ", text(i), " tell the network the same label, ",
                                 text(here.label), ", at times ", text(before.time), " and ", text(here.time)}));
  }
  try {
    require_finite(p);
  } catch (const std::invalid_argument& error) {
    findings.emplace_back(error.what());
  }
  // A chain of updates may round once per operand of each: 2^-53 each, with room for the sums' partial growth.
  const double rounding = 0x1p-53 * 64 * (1 + static_cast<double>(p.calls.size()));
  if (const double error = constant_error(p); !(error <= rounding))
    findings.push_back(joined({"constant data are not preserved: off by ", text(error)}));
  return findings;
}

}  // namespace fokker::plan
