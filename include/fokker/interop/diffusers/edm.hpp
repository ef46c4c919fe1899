// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/multistep.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/exponential_integral.hpp>

/// EDM: alpha is 1, and x the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

struct edm_levels {
  schedule::edm path;
  std::vector<level> levels;
  any_network network;
  double initial_scale;
};

/// `cosine`: Stable Audio's class, which is told an angle and begins its words with the others. `positions`: the
/// program's `sigmas` are places in Karras's rule, and by the other one no more than their number.
[[nodiscard]] inline edm_levels read_edm(reading& r, const schedule::edm& range, double deviation, bool cosine,
                                         bool positions = false) {
  config& c = r.fields;
  const schedule::edm path{.sigma_min = c.positive("sigma_min", range.sigma_min),
                           .sigma_max = c.positive("sigma_max", range.sigma_max)};
  const double sigma_data = c.positive("sigma_data", deviation), rho = c.positive("rho", 7);
  c.skip("num_train_timesteps");
  const std::string rule = c.word("sigma_schedule", {cosine ? "exponential" : "karras", "karras", "exponential"});
  fokker::detail::require_steps(r.steps);
  std::vector<double> sigmas = spread_between(rule == "karras" ? spread::karras : spread::exponential, path.sigma_max,
                                              path.last_time(), r.steps, rho);
  if (positions && rule == "karras") {
    const std::vector<double>& said = r.sigmas();
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (!(said[i] >= 0 && said[i] <= 1)) fokker::detail::refuse("sigmas", said[i], "0 (sigma_max) to 1 (sigma_min)");
      sigmas[i] =
          std::pow(std::lerp(std::pow(path.sigma_max, 1 / rho), std::pow(path.sigma_min, 1 / rho), said[i]), rho);
    }
  }
  std::vector<level> levels = levels_at(path, sigmas);
  for (level& l : levels) l.label = cosine ? std::atan(l.sigma) * 2 / std::numbers::pi : 0.25 * std::log(l.sigma);
  if (c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero")
    end_on_data(levels, path);
  else
    end_on(levels, positions ? levels.back() : level_at(path, path.sigma_min));
  (void)read_network(r, {cosine ? "v_prediction" : "epsilon", "epsilon", "v_prediction"});
  any_network network = parameterization::edm{.sigma_data = sigma_data};
  if (r.prediction_type == "v_prediction") network = parameterization::trigflow{.sigma_data = sigma_data};  // minus edm
  return {path, levels, network, fokker::detail::hypotenuse(path.sigma_max, 1)};
}

[[nodiscard]] inline recipe edm_recipe(const edm_levels& e, any_solver solver, data_limit limit = {}) {
  return {.schedule = e.path,
          .levels = e.levels,
          .solver = std::move(solver),
          .network = e.network,
          .limit = limit,
          .initial_scale = e.initial_scale};
}

[[nodiscard]] inline recipe edm_euler(reading& r) {
  (void)r.sigmas();
  return edm_recipe(read_edm(r, {}, 0.5, false, true), solver::euler{});
}

[[nodiscard]] inline recipe edm_dpm_solver(reading& r) {
  config& c = r.fields;
  const edm_levels e = read_edm(r, {}, 0.5, false);
  const algorithm a = read_algorithm(c, {"dpmsolver++", "sde-dpmsolver++", "deis"});
  const int order = c.whole("solver_order", 2, 1, a.eta > 0 ? 2 : 3);
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  return edm_recipe(e, dpm_multistep(order, a, read_form(c), lower, c.flag("euler_at_final", false)),
                    read_threshold(c));
}

[[nodiscard]] inline recipe cosine_dpm_solver(reading& r) {
  config& c = r.fields;
  const edm_levels e = read_edm(r, {.sigma_min = 0.3, .sigma_max = 500}, 1, true);
  const int order = c.whole("solver_order", 2, 1, 2);
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  return edm_recipe(
      e, dpm_multistep(order, {solver::target::data, 1}, read_form(c), lower, c.flag("euler_at_final", false)));
}

inline constexpr known_class of_edm[] = {
    {"CosineDPMSolverMultistepScheduler", cosine_dpm_solver},
    {"EDMDPMSolverMultistepScheduler", edm_dpm_solver},
    {"EDMEulerScheduler", edm_euler},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
