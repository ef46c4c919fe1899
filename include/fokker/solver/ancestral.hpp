// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// What an ancestral step s -> t takes apart: the ODE goes to sigma_down = down sigma_t, and noise of deviation
/// sigma_up = up sigma_t goes back up, up = min(1, eta sqrt(1 - e^{-2h})), down^2 + up^2 = 1 (Crowson's k-diffusion,
/// 2022).
struct ancestral {
  double up, down;
  plan::clock clock;  ///< of the noise; for small steps it is that of the SDE of eta^2

  ancestral(const level& s, const level& t, double eta) : clock{2 * eta * eta} {
    detail::require_not_negative("eta", eta);
    up = (std::min)(1.0, detail::rounded_product(eta, std::sqrt(fresh_share(s, t))));
    down = std::sqrt((1 - up) * (1 + up));
  }

  /// Where the ODE goes, at t's alpha.
  [[nodiscard]] level below(level t) const {
    t.sigma *= down;
    return t;
  }
  /// The noise back up to t; none is drawn on the data.
  [[nodiscard]] plan::expression noise(plan::builder& p, const level& s, const level& t) const {
    return up > 0 && !t.is_data() ? t.sigma * up * p.path(s, t, clock)(s, t) : plan::expression();
  }
};

}  // namespace fokker::inline v0::solver
