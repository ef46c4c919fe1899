// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// DDIM from data to noise: x_t = alpha_t D + sigma_t eps, D and eps of the level s nearer to data. Song, Meng & Ermon
/// 2021, eq. 14 in the other direction, section 5.4. A plan of it takes the levels of its grid in the other order, and
/// its run starts from what is given there. On the data themselves the network must tell eps, as those of epsilon,
/// velocity and flow do.
struct ddim_inversion {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  static constexpr bool towards_noise = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      x = t.alpha * m.data + t.sigma * m.epsilon;
    }
    return x;
  }
};

}  // namespace fokker::inline v0::solver
