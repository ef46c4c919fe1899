// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <fokker/concept/guidance_rule.hpp>

namespace fokker::inline v0::guidance {

/// other + sum_i scales[i] (concept_i - other); denoisers in the order {concept_1, ..., concept_N, other}.
/// Liu et al. 2022 (Composable Diffusion): a positive scale is their AND of a concept, a negative one their NOT. A
/// concept of scale 0 is not called. `composable{7.5, 7.5, -3}` has three concepts, and four denoisers.
template <int N>
struct composable {
  static_assert(N >= 1, "fokker: there is at least one concept to compose");
  static constexpr int branches = N + 1;
  std::array<double, static_cast<std::size_t>(N)> scales{};

  [[nodiscard]] std::array<double, static_cast<std::size_t>(N) + 1> weights(const level&) const {
    std::array<double, static_cast<std::size_t>(N) + 1> each{};
    double sum = 0;
    for (std::size_t i = 0; i < scales.size(); ++i) {
      detail::require_scale(detail::joined({"scales[", detail::text(i), "]"}), scales[i]);
      sum += each[i] = scales[i];
    }
    each.back() = 1 - sum;
    return each;
  }
};
template <std::convertible_to<double>... Scales>
composable(Scales...) -> composable<static_cast<int>(sizeof...(Scales))>;

}  // namespace fokker::inline v0::guidance
