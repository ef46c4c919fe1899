// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/multistep.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/solver/exponential_integral.hpp>
#include <fokker/solver/multistep.hpp>

/// SA-Solver: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

/// SA-Solver, with noise from timestep 200 to 800, and with two predictions of data the weight 1/2 of its code.
[[nodiscard]] inline recipe sa_solver(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  const auto path = read_multistep_levels(
      r, table,
      {.of_timesteps = finish::first_timestep, .of_noises = finish::repeated, .dynamic = false, .clipped = true});
  const int predictor = c.whole("predictor_order", 2, 1, 4), corrector = c.whole("corrector_order", 2, 0, 4);
  const bool lower = c.flag("lower_order_final", true);
  c.only("tau_func", nullptr);
  c.skip("variance_type");
  const bool data = c.word("algorithm_type", {"data_prediction", "noise_prediction"}) == "data_prediction";
  const auto step = [=](const level& s, int left) {
    return solver::multistep{.predictor = static_cast<std::size_t>(lower ? (std::min)(predictor, left) : predictor),
                             .corrector = static_cast<std::size_t>(lower ? (std::min)(corrector, left + 1) : corrector),
                             .eta = s.label >= 200 && s.label <= 800 ? 1.0 : 0.0,
                             .published = {.form = data ? solver::form::bh1 : solver::form::heun}};
  };
  const int order = corrector == 0 ? predictor : (std::min)(predictor + 1, corrector);
  const int history = (std::max)(predictor, corrector) - 1;
  return {.schedule = path.schedule,
          .levels = path.levels,
          .solver = multistep_by_rule{data ? solver::target::data : solver::target::epsilon, order, history, step},
          .network = read_multistep_network(r),
          .limit = read_threshold(c)};
}

inline constexpr known_class of_sa_solver[] = {
    {"SASolverScheduler", sa_solver},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
