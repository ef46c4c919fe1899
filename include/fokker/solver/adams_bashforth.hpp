// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// The value of Adams and Bashforth on equal steps, from up to four values, the newest first.
[[nodiscard]] inline plan::expression adams_bashforth(const std::vector<plan::expression>& values) {
  constexpr std::array<std::array<double, 4>, 4> weights{
      {{1}, {3.0 / 2, -1.0 / 2}, {23.0 / 12, -16.0 / 12, 5.0 / 12}, {55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24}}};
  plan::expression sum;
  for (std::size_t j = 0; j < values.size(); ++j) sum = sum + weights[values.size() - 1][j] * values[j];
  return sum;
}

/// DDIM's step with any epsilon, y_t = y_s + (sigma_t/alpha_t - sigma_s/alpha_s) eps: Liu et al. 2022 (PNDM).
/// s is not noise.
[[nodiscard]] inline plan::expression transfer(const plan::expression& x, const level& s, const level& t,
                                               const plan::expression& epsilon) {
  return (t.alpha / s.alpha) * x - difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / s.alpha * epsilon;
}

/// The epsilon by which `transfer` came from x to `arrived`.
[[nodiscard]] inline plan::expression transferred(const plan::expression& x, const level& s, const level& t,
                                                  const plan::expression& arrived) {
  return ((t.alpha / s.alpha) * x - arrived) / (difference_of_products(t.alpha, s.sigma, s.alpha, t.sigma) / s.alpha);
}

/// Puts the newest value first and forgets those beyond `most`.
inline void remember(std::vector<plan::expression>& values, plan::expression newest, std::size_t most) {
  values.insert(values.begin(), static_cast<plan::expression&&>(newest));
  if (values.size() > most) values.pop_back();
}

}  // namespace fokker::inline v0::solver
