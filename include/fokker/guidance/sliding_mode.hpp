// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/message.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Sliding-mode control of guidance, SMC-CFG, 2026: the difference e = D - D_other of the data is led along a surface,
/// s = e - e_before + rate e_before, by e' = e - gain s / |s| over each sample: D_other + scale e'. The paper has the
/// sign of each element in the place of s / |s|. Denoisers in the order {conditional, other}; gain 0 is
/// classifier_free, and branches that agree are what they say.
struct sliding_mode {
  static constexpr int branches = 2;
  double scale = 7.5;
  double rate = 6;
  double gain = 0.1;

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    for (const double number : {scale, rate, gain})
      if (!detail::fits_float(number)) detail::refuse("scale, rate and gain", number, "numbers that a float holds");
    const plan::expression D = g[0].data, e = D - g[1].data, before = g.remembered();
    const plan::expression s = e + (rate - 1) * before;
    // Branches that agree to the last bit are let be: the direction of their roundings leads nowhere.
    const plan::expression apart = g[0].network - g[1].network;
    const auto difference = g.dot(apart, apart), size = g.norm(s);
    const auto length = choose(0, difference, quotient(1, size, 0), 0);
    const plan::expression led = e - gain * (length * s);
    static_cast<void>(g.remember(led));
    return {.data = D + (scale - 1) * led - gain * (length * s)};
  }
};

}  // namespace fokker::inline v0::guidance
