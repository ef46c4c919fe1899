// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/solver/multistep.hpp>

namespace fokker::inline v0::solver {

/// UniPC, Zhao et al. 2023 (arXiv:2302.04867), section 3. A step of length h in log-SNR, D the data at its start:
///     x_t = (sigma_t/sigma_s) x + alpha_t (1 - e^{-h}) D + alpha_t B(h) sum_m a_m D_m / r_m.
/// D_m is how far another prediction is from D, at r_m h from the start. The predictor UniP-p takes the last p
/// predictions. The corrector UniC-p also takes the one at the step's end, which the next step needs anyway. The a_m
/// make the sum exact for polynomials, and B cancels, except in UniP-2 and UniC-1, where a = 1/2: there B is h (`bh1`)
/// or 1 - e^{-h} (`bh2`, for epsilon e^h - 1), and `heun` solves for a. The last steps take lower orders, as in the
/// paper's code, so a run that does not end on data is of order 2. With `ratios`, one for each step, it is DC-Solver,
/// Zhao et al. 2024 (arXiv:2409.03755): `compensated` predictions. Throws std::invalid_argument for other targets and
/// another number of ratios.
template <int Order = 2, bool Corrects = true>
struct unipc {
  static_assert(Order >= 1 && Order <= 6, "fokker: unipc has order 1 to 6");
  static constexpr int order = Order + Corrects;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1 + Corrects;
  static constexpr bool stochastic = false;

  solver::target target = target::data;
  solver::form form = form::bh2;
  bool lower_order_final = true;
  std::vector<int> disable_corrector = {};
  std::vector<double> ratios = {};

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    if (target != target::data && target != target::epsilon) detail::refuse("target", "another", "data or epsilon");
    if (!ratios.empty() && ratios.size() != static_cast<std::size_t>(p.steps().size()))
      detail::refuse("the number of ratios", ratios.size(),
                     detail::joined({detail::text(p.steps().size()), ", one for each step, or none"}));
    for (const double ratio : ratios) detail::require_finite("a ratio", ratio);
    return take_multisteps(p, x, target, variable::log_snr, [&](const level&, int step, int left) {
      const auto& off = disable_corrector;
      const bool corrects = Corrects && std::find(off.begin(), off.end(), step) == off.end();
      const auto most = static_cast<std::size_t>(lower_order_final ? (std::min)(Order, left) : Order);
      return multistep{.predictor = most,
                       .corrector = corrects ? most + 1 : 0,
                       .published = {.form = form},
                       .compensation = ratios.empty() ? 1 : ratios[static_cast<std::size_t>(step)]};
    });
  }
};

}  // namespace fokker::inline v0::solver
