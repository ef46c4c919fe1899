// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
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
#include <fokker/solver/exponential_integral.hpp>

/// DPM-Solver(++): x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

[[nodiscard]] inline recipe dpm_solver_multistep(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), false);
  const algorithm a = read_algorithm(c, {"dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", "deis"});
  const int order = c.whole("solver_order", 2, 1, a.target == solver::target::epsilon && a.eta > 0 ? 2 : 3);
  const bool to_data = c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero";
  if (to_data && a.target == solver::target::epsilon)
    c.refuse("final_sigmas_type", "sigma_min with this algorithm_type");
  const finish ends = to_data ? finish::data : finish::first_timestep;
  const bool cosine = c.word("beta_schedule", {"linear", "scaled_linear", "squaredcos_cap_v2"}) == "squaredcos_cap_v2";
  const auto path = read_multistep_levels(r, table,
                                          {.of_timesteps = ends,
                                           .of_noises = ends,
                                           .lu = true,
                                           .clipped = true,
                                           .of_karras = cosine ? rounding::down : rounding::nearest});
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  c.skip("variance_type");
  return {.schedule = path.schedule,
          .levels = path.levels,
          .solver = dpm_multistep(order, a, read_form(c), lower, c.flag("euler_at_final", false)),
          .network = read_multistep_network(r),
          .limit = read_threshold(c)};
}

[[nodiscard]] inline recipe dpm_solver_singlestep(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  const algorithm a = read_algorithm(c, {"dpmsolver++", "dpmsolver", "sde-dpmsolver++", "deis"});
  const int order = c.whole("solver_order", 2, 1, 3);
  const bool to_data = c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero";
  const finish ends = to_data ? finish::data : finish::first_timestep;
  const auto path =
      read_multistep_levels(r, table, {.of_timesteps = ends, .of_noises = ends, .spaced = false, .clipped = true});
  const bool lower = c.flag("lower_order_final", false) || to_data || r.steps % order != 0;
  std::vector<int> groups;
  for (int left = r.steps; left > 0;) {
    const int size = lower && left == order && order > 1 ? order - 1 : (std::min)(order, left);  // and one step alone
    groups.push_back(size);
    left -= size;
  }
  for (int skipped = r.begin(); skipped > 0 && !groups.empty();) {  // a group that was begun has what is left of it
    const int of_first = (std::min)(skipped, groups.front());
    skipped -= of_first;
    groups.front() -= of_first;
    if (groups.front() == 0) groups.erase(groups.begin());
  }
  c.skip("variance_type");
  return {.schedule = path.schedule,
          .levels = path.levels,
          .solver = singlestep{.target = a.target,
                               .order = order,
                               .history = order - 1,
                               .form = read_form(c),
                               .eta = a.eta,
                               .groups = groups},
          .network = read_multistep_network(r),
          .limit = read_threshold(c)};
}

/// DPM-Solver(++)M from data to noise. Of noises by a rule, timesteps that come twice are told once, so that the
/// others are told too early, and the run ends before the last noise.
[[nodiscard]] inline recipe dpm_solver_inverse(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  const algorithm a = read_algorithm(c, {"dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", "deis"});
  if (a.eta > 0) c.refuse("algorithm_type", "dpmsolver++ or dpmsolver");
  const int order = c.whole("solver_order", 2, 1, 3);
  const int last = read_last(c, table);
  c.only("use_flow_sigmas", false);
  c.skip("flow_shift");
  c.skip("variance_type");
  const spread rule = read_spread(c);
  std::vector<level> levels;  // from data
  if (rule == spread::timesteps) {
    c.only("timestep_spacing", "linspace");
    c.skip("steps_offset");
    fokker::detail::require_steps(r.steps, table.size() - 1);
    std::vector<double> times;
    for (const double time : evenly(0, last - 1, r.steps + 1)) times.push_back(std::nearbyint(time));
    times.pop_back();
    levels = levels_at_timesteps(table, times);
    levels.push_back(level_at(table, last - 1));
  } else {
    c.skip("timestep_spacing");
    c.skip("steps_offset");
    c.only("sigma_min", nullptr);
    c.only("sigma_max", nullptr);
    fokker::detail::require_steps(r.steps);
    levels = levels_at_noises(table,
                              spread_between(rule, level_at(table, r.steps == 1 ? 0 : table.noise_time()).ratio(),
                                             level_at(table, 0).ratio(), r.steps),
                              rule == spread::karras ? rounding::nearest : rounding::none);
    std::reverse(levels.begin(), levels.end());
    std::vector<double> labels;  // cut off only when none comes twice
    for (const level& l : levels)
      if (labels.empty() || l.label != labels.back()) labels.push_back(l.label);
    if (labels.size() == levels.size()) {  // the last noise comes twice: a step of no length
      levels.push_back(levels.back());
      levels.back().sigma *= 1 + 0x1p-40;
    }
    levels.resize(labels.size() + 1);
    for (std::size_t i = 0; i < labels.size(); ++i) levels[i].label = std::floor(labels[i]);
  }
  const bool lower = c.flag("lower_order_final", true) && levels.size() - 1 < 15;
  std::reverse(levels.begin(), levels.end());
  return {.schedule = table,
          .levels = levels,
          .solver = dpm_multistep(order, a, read_form(c), lower, c.flag("euler_at_final", false)),
          .network = read_network(r, {"epsilon", "sample", "v_prediction"}),
          .limit = read_threshold(c),
          .towards_noise = true};
}

inline constexpr known_class of_dpm_solver[] = {
    {"DPMSolverMultistepInverseScheduler", dpm_solver_inverse},
    {"DPMSolverMultistepScheduler", dpm_solver_multistep},
    {"DPMSolverSinglestepScheduler", dpm_solver_singlestep},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
