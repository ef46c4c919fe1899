// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/guidance/likelihood.hpp>

namespace fokker::inline v0::guidance {

/// Models of two distributions as one of their mixture, SuperDiff's OR, Skreta et al. 2025, algorithm 1: the data of
/// the first with the weight 1 / (1 + e^-z) and those of the second with the rest, z = temperature log(q_1(x) / q_2(x))
/// + bias, the ratio of their densities found along the run, see `log_ratio_gain`. Shares of w and 1 - w are a bias of
/// log(w / (1 - w)). For solvers that draw the noise of the reverse SDE, such as ddpm. Denoisers in the order {first,
/// second}; branches that agree are what they say.
struct superposed {
  static constexpr int branches = 2;
  double temperature = 1;
  double bias = 0;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    for (const double number : {temperature, bias})
      if (!detail::fits_float(number)) detail::refuse("temperature and bias", number, "numbers that a float holds");
    const plan::expression first = g[0].data, second = g[1].data;
    plan::scalar ratio = g.remembered(0, 2);
    if (const auto gain = log_ratio_gain(g, first, second)) {
      ratio = ratio + *gain;
      g.remember(ratio, 2);
    }
    const auto other = exp(least(700, -temperature * ratio - bias));  // to one of the first
    return {.data = second + quotient(1, 1 + other, 0) * (first - second)};
  }
};

}  // namespace fokker::inline v0::guidance
