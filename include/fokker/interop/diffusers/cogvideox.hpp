// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/multistep.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/snr_shift.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/exponential_integral.hpp>
#include <fokker/solver/multistep.hpp>

/// CogVideoX's, on a table of their own: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

/// The table of CogVideoX, its SNR divided, then stretched to an alpha of 0: in double where it is `scaled_linear`.
[[nodiscard]] inline schedule::tabulated read_shifted_table(config& c) {
  const table_defaults defaults{0.00085, 0.012, {"scaled_linear", "linear", "squaredcos_cap_v2"}};
  const double shift = c.positive("snr_shift_scale", 3);
  schedule::tabulated table = read_table(c, defaults);
  const bool exact = c.word("beta_schedule", defaults.schedules) == "scaled_linear" && !c.has("trained_betas");
  if (exact)
    table = schedule::scaled_linear(c.positive("beta_start", defaults.beta_start),
                                    c.positive("beta_end", defaults.beta_end), table.size());
  std::vector<double> alphas_cumprod;
  for (int t = 0; t < table.size(); ++t) {
    if (exact) {
      const double alpha = schedule::snr_shift{table, shift}.alpha(t);
      alphas_cumprod.push_back(alpha * alpha);
    } else {  // each operation rounded
      const double alpha = table.alpha(t), of_kept = 1 - shift;
      const float kept = static_cast<float>(alpha * alpha);
      const float way = static_cast<float>(double{static_cast<float>(of_kept)} * double{kept});  // exact before that
      alphas_cumprod.push_back(double{kept / (static_cast<float>(shift) + way)});
    }
  }
  return with_zero_snr(c, schedule::tabulated::from_alphas_cumprod(alphas_cumprod), true);
}

[[nodiscard]] inline recipe cogvideox(reading& r, any_solver solver) {
  config& c = r.fields;
  const auto table = read_shifted_table(c);
  std::vector<level> levels = levels_at_timesteps(table, read_timesteps(r, family::ddim, table, "leading"));
  end_by_alpha(c, levels, table, true);
  for (const char* unused : {"clip_sample", "clip_sample_range", "sample_max_value"}) c.skip(unused);
  return {.schedule = table,
          .levels = levels,
          .solver = std::move(solver),
          .network = read_network(r, {"epsilon", "sample", "v_prediction"})};
}
[[nodiscard]] inline recipe cogvideox_ddim(reading& r) { return cogvideox(r, solver::ddim{}); }

/// Its last step is of first order, wherever that goes.
[[nodiscard]] inline recipe cogvideox_dpm(reading& r) {
  return cogvideox(r, dpm_multistep(2, {solver::target::data, 1}, solver::form::midpoint, false, true));
}

inline constexpr known_class of_cogvideox[] = {
    {"CogVideoXDDIMScheduler", cogvideox_ddim},
    {"CogVideoXDPMScheduler", cogvideox_dpm},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
