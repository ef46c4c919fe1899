// SPDX-License-Identifier: MIT
#pragma once

// What a multistep method's weights are, and what the integrals are that they should be.

#include <cstddef>
#include <vector>

#include "support/members.hpp"

namespace test {

/// The levels of a variance-exploding path, sigma = e^{-lambda}, at these lambda.
inline fk::grid::explicit_levels at_log_snr(const std::vector<double>& lambdas) {
  std::vector<double> sigmas;
  for (const double l : lambdas) sigmas.push_back(std::exp(-l));
  return {fk::levels_at_ratios(fk::schedule::edm{}, sigmas)};
}

/// The last step of a method without a corrector: x_t = of_x x_s + sum of_call[i] p_i, p_i what call i said, and what
/// it draws. x_s is what the last call read.
struct last_step {
  double of_x = 0, of_normal = 0;
  std::vector<double> of_call;

  explicit last_step(const fk::plan::program& plan) : of_call(plan.calls.size()) {
    const linear::key begin{-2, 0};
    linear read;
    linear end = propagate(plan, {{begin, 1.0}}, [&](int i, int, const linear& input) {
      read = input;
      return linear{{{-3, i}, 1.0}};
    });
    of_x = end.at(begin) / read.at(begin);
    add(end, read, -of_x);
    for (std::size_t i = 0; i < of_call.size(); ++i) of_call[i] = end[{-3, static_cast<long>(i)}];
    long newest = -1;
    for (const auto& [key, value] : end)
      if (key.first >= 0 && key.second > newest) newest = key.second, of_normal = value;
  }
};

/// The integral of f from a to b by Simpson's rule on 2000 pieces: to rounding for what is integrated here.
template <class Function>
double simpson(Function f, double a, double b) {
  constexpr int pieces = 2000;
  double sum = 0;
  for (int i = 0; i < pieces; ++i) {
    const double left = a + (b - a) * i / pieces, right = a + (b - a) * (i + 1) / pieces;
    sum += (right - left) / 6 * (f(left) + 4 * f((left + right) / 2) + f(right));
  }
  return sum;
}

/// Lagrange's polynomial j of these nodes, at u.
inline double lagrange(const std::vector<double>& nodes, std::size_t j, double u) {
  double product = 1;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (i != j) product *= (u - nodes[i]) / (nodes[j] - nodes[i]);
  return product;
}

}  // namespace test
