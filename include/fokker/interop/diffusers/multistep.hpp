// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/exponential_integral.hpp>
#include <fokker/solver/multistep.hpp>

/// What the classes of multistep methods in log-SNR share: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

/// What DPM-Solver is, of its `algorithm_type`; the names of other classes mean the first.
struct algorithm {
  solver::target target;
  double eta;
};

/// DPM-Solver(++)M: the orders of its first and last steps. The second difference of the third order has half of its
/// weight, as published; with noise diffusers takes it from the sum, where k-diffusion, and this, adds it.
[[nodiscard]] inline any_solver dpm_multistep(int order, algorithm a, solver::form form, bool lower_at_end,
                                              bool euler_at_end) {
  return multistep_by_rule{
      a.target, order > 2 ? 2 : order, order - 1, [=](const level&, int left) {
        const int most = left == 1 && euler_at_end ? 1 : lower_at_end ? (std::min)(order, left) : order;
        return solver::multistep{.predictor = static_cast<std::size_t>(most), .eta = a.eta, .published = {form, 0.5}};
      }};
}

/// How many timesteps of the table have a log-SNR of `lambda_min_clipped` or more; at least one.
[[nodiscard]] inline int read_last(config& c, const schedule::tabulated& table) {
  const double least = c.number("lambda_min_clipped", -std::numeric_limits<double>::infinity());
  int last = table.size();
  while (last > 1 && level_at(table, last - 1).log_snr() < least) --last;
  return last;
}

/// What comes after the last level.
enum class finish { data, first_timestep, repeated };

/// What the multistep classes read of their levels, and where these end.
struct multistep_class {
  finish of_timesteps, of_noises;
  bool lu = false;       ///< knows use_lu_lambdas
  bool spaced = true;    ///< knows timestep_spacing
  bool dynamic = true;   ///< knows use_dynamic_shifting
  bool clipped = false;  ///< knows lambda_min_clipped
  rounding of_karras = rounding::nearest;
};

struct multistep_levels {
  any_schedule schedule;
  std::vector<level> levels;
};

[[nodiscard]] inline multistep_levels read_multistep_levels(reading& r, const schedule::tabulated& table,
                                                            const multistep_class& k) {
  config& c = r.fields;
  const int size = table.size();
  const int last = k.clipped ? read_last(c, table) : size;
  const spread rule = read_spread(c, k.lu, true);
  if (rule != spread::timesteps && k.spaced)
    for (const char* unused : {"timestep_spacing", "steps_offset"}) c.skip(unused);
  const level noise = with_finite_noise(level_at(table, size - 1)), clean = level_at(table, 0);
  if (rule == spread::flow) {
    fokker::detail::require_steps(r.steps, size);
    std::vector<double> sigmas = evenly(1, 1.0 / size, r.steps + 1);  // 1 - 1/T is the first, and 0 left out
    std::reverse(sigmas.begin(), sigmas.end());
    sigmas.pop_back();
    for (double& s : sigmas) s = 1 - s;
    const schedule::flow_linear path;
    const double shift = k.dynamic ? read_shift(r, "flow_shift") : c.positive("flow_shift", 1);
    std::vector<level> levels = levels_of_flow(shifted(sigmas, shift), size, rounding::down);
    if (k.of_noises == finish::data)
      end_on_data(levels, path);
    else
      end_on(levels, k.of_noises == finish::repeated ? levels.back() : level_at(path, clean.ratio()));  // as there
    return {path, levels};
  }
  c.skip("flow_shift");
  if (k.dynamic)
    for (const char* unused : {"use_dynamic_shifting", "time_shift_type"}) c.skip(unused);
  std::vector<level> levels;
  if (rule == spread::timesteps) {
    const bool even = !k.spaced && r.timesteps().empty();
    levels = levels_at_timesteps(table, even ? spaced_timesteps("linspace", 0, family::dpm, size, last, r.steps)
                                             : read_timesteps(r, family::dpm, table, "linspace", last));
    for (level& l : levels) l = with_finite_noise(l);
  } else {
    fokker::detail::require_steps(r.steps);
    levels = levels_at_noises(table, spread_of_config(c, rule, noise.ratio(), clean.ratio(), r.steps),
                              rule == spread::karras || rule == spread::lu ? k.of_karras : rounding::down);
    if (rule == spread::lu) levels.front().label = size - 1;  // which is the logarithm in float32 itself
  }
  const finish ends = rule == spread::timesteps ? k.of_timesteps : k.of_noises;
  if (ends == finish::data)
    end_on_data(levels, table);
  else
    end_on(levels, ends == finish::repeated ? levels.back() : clean);
  return {table, levels};
}

/// The networks of multistep schedulers: predictions of flow go with levels of flow.
[[nodiscard]] inline any_network read_multistep_network(reading& r) {
  any_network network = read_network(r, {"epsilon", "sample", "v_prediction", "flow_prediction"});
  if (r.prediction_type == "flow_prediction" && !r.fields.flag("use_flow_sigmas", false))
    r.fields.refuse("prediction_type", "flow_prediction with use_flow_sigmas alone");
  return network;
}

[[nodiscard]] inline algorithm read_algorithm(config& c, const std::vector<std::string_view>& words) {
  const std::string name = c.word("algorithm_type", words);
  return {name.ends_with("dpmsolver") ? solver::target::epsilon : solver::target::data,
          name.starts_with("sde") ? 1.0 : 0.0};
}

[[nodiscard]] inline solver::form read_form(config& c) {
  return c.word("solver_type", {"midpoint", "heun", "logrho", "bh1", "bh2"}) == "heun" ? solver::form::heun
                                                                                       : solver::form::midpoint;
}

}  // namespace fokker::inline v0::interop::diffusers_classes
