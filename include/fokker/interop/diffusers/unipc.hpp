// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/multistep.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/exponential_integral.hpp>
#include <fokker/solver/multistep.hpp>

/// UniPC: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

/// Levels of flow by UniPC's own rule: from 1, or sigmas of the program; a first one of 1 is moved by 1e-6. By Karras's
/// rule they are those of the table, as shares of noise.
[[nodiscard]] inline multistep_levels unipc_flow_levels(reading& r, const schedule::tabulated& table, bool to_data) {
  const int size = table.size();
  for (const char* unused : {"timestep_spacing", "steps_offset"}) r.fields.skip(unused);
  fokker::detail::require_steps(r.steps);
  std::vector<double> sigmas;
  if (r.fields.flag("use_karras_sigmas", false)) {
    sigmas = spread_of_config(r.fields, spread::karras, level_at(table, size - 1).ratio(), level_at(table, 0).ratio(),
                              r.steps);
    for (double& s : sigmas) s = s / (1 + s);
  } else {
    sigmas = r.sigmas();
    if (sigmas.empty()) {
      sigmas = evenly(1, 1.0 / size, r.steps + 1);
      sigmas.pop_back();
    }
    require_shares(sigmas);
    sigmas = shifted(sigmas, read_shift(r, "flow_shift"), read_terminal(r.fields));
    if (1 - sigmas.front() < 1e-6) sigmas.front() -= 1e-6;
  }
  std::vector<level> levels = levels_of_flow(sigmas, size, rounding::down);
  if (to_data)
    end_on_data(levels, schedule::flow_linear{});
  else
    end_on(levels, levels.back());
  return {schedule::flow_linear{}, levels};
}

[[nodiscard]] inline recipe unipc(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), false);
  const bool to_data = c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero";
  for (const char* end : {"sigma_min", "sigma_max"}) (void)c.positive(end, 1);
  c.only("solver_p", nullptr);
  const int order = c.whole("solver_order", 2, 1, 6);
  const bool lower = c.flag("lower_order_final", true);
  const bool data = c.flag("predict_x0", true);
  const solver::form form = c.word("solver_type", {"bh2", "bh1", "midpoint", "heun", "logrho"}) == "bh1"
                                ? solver::form::bh1
                                : solver::form::bh2;
  const std::vector<double> disabled = c.numbers("disable_corrector");
  const data_limit threshold = read_threshold(c);
  multistep_levels path{table, {}};
  if (c.flag("use_flow_sigmas", false)) {
    const spread rule = read_spread(c);
    if (rule != spread::timesteps && rule != spread::karras)
      c.refuse("use_flow_sigmas", "false beside another rule of noises than Karras's");
    path = unipc_flow_levels(r, table, to_data);
  } else {
    c.only("shift_terminal", nullptr);
    path = read_multistep_levels(r, table,
                                 {.of_timesteps = to_data ? finish::data : finish::first_timestep,
                                  .of_noises = to_data ? finish::data : finish::repeated});
  }
  const int total = r.steps;
  const auto step = [=](const level&, int left) {
    const int most = lower ? (std::min)(order, left) : order;
    const bool corrects = std::find(disabled.begin(), disabled.end(), total - left) == disabled.end();
    return solver::multistep{.predictor = static_cast<std::size_t>(most),
                             .corrector = static_cast<std::size_t>(corrects ? most + 1 : 0),
                             .published = {.form = form}};
  };
  return {.schedule = path.schedule,
          .levels = path.levels,
          .solver = multistep_by_rule{data ? solver::target::data : solver::target::epsilon, order + 1, order, step},
          .network = read_multistep_network(r),
          .limit = data ? threshold : data_limit{}};  // of epsilon it is not thresholded there
}

inline constexpr known_class of_unipc[] = {
    {"UniPCMultistepScheduler", unipc},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
