// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <fokker/detail/rounded_product.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// How much likelier x got by model a than by model b since the step before, the logarithm of the ratio of their
/// densities, for a and b what two branches say of the data. By Bayes' rule, for each sample: the normal transitions
/// from x to x' with their means are
///     log N(x'; mean_a) - log N(x'; mean_b) = <a - b, alpha' x' / sigma'^2 - alpha x / sigma^2> - (1/s'^2 - 1/s^2)
///     <a - b, a + b> / 2,   s = sigma / alpha,
/// which is exact for exact denoisers and small steps, of a run that draws the noise of the reverse SDE. It is found at
/// the first call of each step, and there is none at the others, where x went away from the data, or on the data.
/// Asked for at every call.
[[nodiscard]] inline std::optional<plan::scalar> log_ratio_gain(plan::guide& g, const plan::expression& a,
                                                                const plan::expression& b) {
  const level& at = g.at();
  if (g.stage() != 0 || at.is_data()) return std::nullopt;
  const auto snr = [](const level& l) { return detail::rounded_product(l.alpha / l.sigma, l.alpha / l.sigma); };
  const auto drift = [](const level& l) { return l.alpha / l.sigma / l.sigma; };
  std::optional<plan::scalar> gain;
  if (const auto before = g.remembered_at(); before && towards_data(*before, at)) {
    const plan::scalar along = g.remembered(0, 0), sizes = g.remembered(0, 1);
    gain = drift(at) * g.dot(g.remembered(), g.x()) - drift(*before) * along - (snr(at) - snr(*before)) * sizes;
  }
  const plan::expression apart = a - b;
  g.remember(g.dot(apart, g.x()));
  g.remember(0.5 * g.dot(apart, a + b), 1);
  static_cast<void>(g.remember(apart));
  return gain;
}

}  // namespace fokker::inline v0::guidance
