// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/trigflow.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ipndm.hpp>
#include <fokker/solver/plms.hpp>

/// PNDM and iPNDM: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

[[nodiscard]] inline recipe pndm(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  std::vector<level> levels =
      levels_at_timesteps(table, spaced_timesteps(c, family::ddim, table.size(), table.size(), r.steps, "leading"));
  end_by_alpha(c, levels, table, false);
  const any_solver solver = !c.flag("skip_prk_steps", false)
                                ? any_solver(pndm_on_timesteps{.half = table.size() / r.steps / 2})
                            : r.steps == 1 ? any_solver(solver::ddim{})
                                           : any_solver(solver::plms{});
  return {
      .schedule = table, .levels = levels, .solver = solver, .network = read_network(r, {"epsilon", "v_prediction"})};
}

/// iPNDM on a path of its own: sigma = sin^2(pi u / 2), the label being the angle.
[[nodiscard]] inline recipe ipndm(reading& r) {
  config& c = r.fields;
  c.only("trained_betas", nullptr);
  c.skip("num_train_timesteps");
  fokker::detail::require_steps(r.steps);
  const schedule::trigflow circle;
  std::vector<level> levels;
  for (int left = r.steps; left >= 0; --left) {
    const double angle = circle.noise_time() * (static_cast<double>(left) / r.steps);
    const double sigma = fokker::detail::rounded_product(circle.sigma(angle), circle.sigma(angle));
    level l = level_at(circle, std::atan2(sigma, circle.alpha(angle) * std::sqrt(1 + sigma)));
    l.label = l.time / circle.noise_time();
    levels.push_back(l);
  }
  return {.schedule = circle, .levels = levels, .solver = solver::ipndm<4>{}, .network = parameterization::velocity{}};
}

inline constexpr known_class of_pndm[] = {
    {"IPNDMScheduler", ipndm},
    {"PNDMScheduler", pndm},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
