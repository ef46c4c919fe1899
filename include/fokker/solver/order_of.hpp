// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// The order of an explicit Runge-Kutta method, 0 to 5: the highest up to which all its order conditions hold, one for
/// each rooted tree (Butcher 1963; Hairer, Norsett & Wanner 1993, table II.2.2). Weights are doubles, so a condition
/// holds where its sum is off by no more than their roundings can make it.
template <std::size_t Stages>
[[nodiscard]] constexpr int order_of(const tableau<Stages>& method) {
  // What a tree says at each stage, and the sum of the magnitudes it was added up from.
  struct sum {
    double value = 0, magnitude = 0;
  };
  using stages = std::array<sum, Stages>;
  const auto add = [](sum& to, double weight, const sum& of) {
    to.value += weight * of.value;
    to.magnitude += (weight < 0 ? -weight : weight) * of.magnitude;
  };
  const auto a = [&](const stages& tree) {  // on a new root
    stages grown{};
    for (std::size_t i = 1; i < Stages; ++i)
      for (std::size_t j = 0; j < i; ++j) add(grown[i], method.weights[i - 1][j], tree[j]);
    return grown;
  };
  const auto joined = [](const stages& one, const stages& other) {  // at their roots
    stages both{};
    for (std::size_t i = 0; i < Stages; ++i)
      both[i] = {one[i].value * other[i].value, one[i].magnitude * other[i].magnitude};
    return both;
  };
  // A tree of five vertices has five factors; each, each product and each of the additions is rounded.
  constexpr double roundings = 2 * (5 + Stages) * std::numeric_limits<double>::epsilon();
  const auto is = [](const sum& found, double wanted) {
    const double off = found.value - wanted;
    return (off < 0 ? -off : off) <= roundings * (found.magnitude + wanted);
  };
  const auto holds = [&](const stages& tree, double wanted) {
    sum of{};
    for (std::size_t i = 0; i < Stages; ++i) add(of, method.weights[Stages - 1][i], tree[i]);
    return is(of, wanted);
  };

  stages one{};
  one.fill({1, 1});
  const stages c = a(one), cc = joined(c, c), ccc = joined(cc, c), ac = a(c), acc = a(cc), aac = a(ac);
  for (std::size_t i = 0; i < Stages; ++i)
    if (!is(c[i], method.nodes[i])) return 0;
  if (!holds(one, 1)) return 0;
  if (!holds(c, 1.0 / 2)) return 1;
  if (!(holds(cc, 1.0 / 3) && holds(ac, 1.0 / 6))) return 2;
  if (!(holds(ccc, 1.0 / 4) && holds(joined(c, ac), 1.0 / 8) && holds(acc, 1.0 / 12) && holds(aac, 1.0 / 24))) return 3;
  if (!(holds(joined(ccc, c), 1.0 / 5) && holds(joined(cc, ac), 1.0 / 10) && holds(joined(ac, ac), 1.0 / 20) &&
        holds(joined(c, acc), 1.0 / 15) && holds(joined(c, aac), 1.0 / 30) && holds(a(ccc), 1.0 / 20) &&
        holds(a(joined(c, ac)), 1.0 / 40) && holds(a(acc), 1.0 / 60) && holds(a(aac), 1.0 / 120)))
    return 4;
  return 5;
}

}  // namespace fokker::inline v0::solver
