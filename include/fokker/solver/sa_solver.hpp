// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// Predict, evaluate, correct; or evaluate once more what was corrected.
enum class correction { pec, pece };

/// SA-Solver, Xue et al. 2023 (arXiv:2309.05019): the stochastic exponential Adams method of the data
/// prediction in log-SNR, with as much noise as tau(s) says in the step from s,
/// x_t = (sigma_t/sigma_s) e^{-tau^2 h} x + sum_j w_j D_j + sigma_t sqrt(1 - e^{-2 tau^2 h}) z,
/// from the last `Predictor` predictions, then from `Corrector` of them with the new one, and the same z; a Corrector
/// of 0 does not correct. The last steps take lower orders as in the paper's code.
template <int Predictor = 3, int Corrector = 4, correction Mode = correction::pec, class Tau = double (*)(const level&)>
struct sa_solver {
  static_assert(Predictor >= 1 && Predictor <= 6, "fokker: sa_solver predicts from 1 to 6 predictions");
  static_assert(Corrector >= 0 && Corrector <= 7, "fokker: sa_solver corrects by up to 7 predictions");
  static constexpr int order = Corrector == 0 ? Predictor : (std::min)(Predictor + 1, Corrector);
  static constexpr int evaluations = Mode == correction::pece && Corrector > 0 ? 2 : 1;
  static constexpr int history = (std::max)(Predictor - 1, Corrector - 1);
  static constexpr bool stochastic = true;

  [[nodiscard]] static double one(const level&) { return 1; }

  Tau tau = one;
  solver::form form = form::heun;
  bool lower_order_final = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    return take_multisteps(p, x, target::data, variable::log_snr, [&](const level& s, int, int left) {
      const double noise = tau(s);
      detail::require_not_negative("tau", noise);
      const auto most = [&](int k, int last) {
        return static_cast<std::size_t>(lower_order_final ? (std::min)(k, last) : k);
      };
      return multistep{.predictor = most(Predictor, left),
                       .corrector = most(Corrector, left + 1),
                       .evaluates_again = Mode == correction::pece,
                       .eta = noise * noise,
                       .published = {.form = form}};
    });
  }
};

}  // namespace fokker::inline v0::solver
