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

/// DEIS: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

[[nodiscard]] inline recipe deis(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  const auto path =
      read_multistep_levels(r, table, {.of_timesteps = finish::first_timestep, .of_noises = finish::repeated});
  const int order = c.whole("solver_order", 2, 1, 3);
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  (void)c.word("algorithm_type", {"deis", "dpmsolver", "dpmsolver++"});  // all of them mean the first
  (void)c.word("solver_type", {"logrho", "midpoint", "heun", "bh1", "bh2"});
  return {.schedule = path.schedule,
          .levels = path.levels,
          .solver = multistep_by_rule{solver::target::epsilon, order, order - 1,
                                      [=](const level&, int left) {
                                        return solver::multistep{.predictor = static_cast<std::size_t>(
                                                                     lower ? (std::min)(order, left) : order)};
                                      }},
          .network = read_multistep_network(r),
          .limit = read_threshold(c)};
}

inline constexpr known_class of_deis[] = {
    {"DEISMultistepScheduler", deis},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
