// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>

/// DDIM, either way: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

[[nodiscard]] inline recipe ddim(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), true);
  std::vector<level> levels = levels_at_timesteps(table, read_timesteps(r, family::ddim, table, "leading"));
  end_by_alpha(c, levels, table, true);
  return {.schedule = table,
          .levels = levels,
          .solver = solver::ddim{.eta = r.eta(0)},
          .network = read_network(r, {"epsilon", "sample", "v_prediction"}),
          .limit = read_threshold(c, read_clip(c, true, true), true)};
}

/// DDIM from data to noise. The network is told the timestep that a step goes to.
[[nodiscard]] inline recipe ddim_inverse(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), true);
  std::vector<level> levels =
      levels_at_timesteps(table, spaced_timesteps(c, family::ddim, table.size(), table.size(), r.steps, "leading"));
  end_by_alpha(c, levels, table, true);
  for (std::size_t i = levels.size() - 1; i > 0; --i) levels[i].label = levels[i - 1].time;
  return {.schedule = table,
          .levels = levels,
          .solver = solver::ddim_inversion{},
          .network = read_network(r, {"epsilon", "sample", "v_prediction"}),
          .limit = read_clip(c, true, true),
          .towards_noise = true};
}

inline constexpr known_class of_ddim[] = {
    {"DDIMInverseScheduler", ddim_inverse},
    {"DDIMParallelScheduler", ddim},
    {"DDIMScheduler", ddim},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
