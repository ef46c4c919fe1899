// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/ancestral.hpp>
#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// DPM2 to the level sigma_down of euler_ancestral, and noise back up to sigma_t: an ODE step of order 2 and noise that
/// keeps the marginals, hence weak order 2. Crowson's k-diffusion (2022) in VE scale, here on any path. From noise and
/// onto data it is euler_ancestral, with one call.
struct dpm_2_ancestral {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;

  double eta = 1;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const auto rows = [](double z) { return two_stages_of_phi_1(z, 0.5); };
    for (auto [s, t] : p.steps()) {
      const ancestral split(s, t, eta);
      x = exponential_runge_kutta(p, x, s, split.below(t), {0.5}, rows, target::epsilon);
      x = x + split.noise(p, s, t);
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
