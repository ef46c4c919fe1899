// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/dpm_2.hpp>
#include <fokker/solver/dpm_2_ancestral.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/lms.hpp>

/// The k-family: the peer's latents are x/alpha.
namespace fokker::inline v0::interop::diffusers_classes {

struct noises {
  schedule::tabulated table;
  std::vector<level> levels;
  bool squared;  ///< of timesteps that do not begin at the last

  [[nodiscard]] double initial_scale() const {
    const double top = levels.front().ratio();
    return squared ? fokker::detail::hypotenuse(top, 1) : top;
  }
};

/// Timesteps between those of the table, or noises between the first and the last of theirs.
[[nodiscard]] inline noises read_noises(reading& r, const schedule::tabulated& table, spread rule, rounding how,
                                        double least = 0, double most = 0) {
  config& c = r.fields;
  const bool spreads = rule != spread::timesteps;
  std::vector<level> levels = levels_at_timesteps(
      table, spreads ? spaced_timesteps(c, family::sigma, table.size(), table.size(), r.steps, "linspace")
                     : read_timesteps(r, family::sigma, table, "linspace"));
  for (level& l : levels) l = with_finite_noise(l);
  if (spreads) {
    const double from = most > 0 ? most : levels.front().ratio(), to = least > 0 ? least : levels.back().ratio();
    const bool without_config = rule == spread::karras && r.karras_without_config;
    levels = levels_at_noises(
        table, without_config ? spread_between(rule, from, to, r.steps) : spread_of_config(c, rule, from, to, r.steps),
        rule == spread::karras ? how : rounding::none);
  }
  end_on_data(levels, table);
  return {table, levels, c.word("timestep_spacing", spacings("linspace")) == "leading"};
}

/// Noises of the program, the last one included.
[[nodiscard]] inline noises noises_of_program(reading& r, const schedule::tabulated& table) {
  const std::vector<double>& ratios = r.sigmas();
  if (ratios.size() < 2) fokker::detail::refuse("sigmas", "one", "two or more, the last of which is the run's end");
  for (const double ratio : ratios) fokker::detail::require_not_negative("sigmas", ratio);
  r.steps = static_cast<int>(ratios.size()) - 1;
  r.fields.skip("steps_offset");
  return {table, levels_at_noises(table, ratios, rounding::none),
          r.fields.word("timestep_spacing", spacings("linspace")) == "leading"};
}

[[nodiscard]] inline recipe sigma_recipe(const noises& n, any_solver solver, const any_network& network,
                                         data_limit limit = {}) {
  return {.schedule = n.table,
          .levels = n.levels,
          .solver = std::move(solver),
          .network = network,
          .limit = limit,
          .initial_scale = n.initial_scale(),
          .over_alpha = true,
          .least_label = 0};  // in the middle of noises below those of the table
}

[[nodiscard]] inline recipe euler(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), false);
  const spread rule = read_spread(c);
  const bool logarithmic = c.word("interpolation_type", {"linear", "log_linear"}) == "log_linear";
  const double smallest = level_at(table, 0).ratio(),
               largest = with_finite_noise(level_at(table, table.noise_time())).ratio();
  for (const char* end : {"sigma_min", "sigma_max"}) (void)c.positive(end, 1);
  noises n = r.sigmas().empty()
                 ? read_noises(r, table, rule, rounding::none, logarithmic ? smallest : 0, logarithmic ? largest : 0)
                 : noises_of_program(r, table);
  const any_network network = read_network(r, {"epsilon", "sample", "original_sample", "v_prediction"});
  const bool continuous = c.word("timestep_type", {"discrete", "continuous"}) == "continuous";
  const bool told_noise = continuous && r.prediction_type == "v_prediction";
  const bool to_data = c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero";
  if (r.sigmas().empty() && logarithmic && rule == spread::timesteps) {
    // One noise more than timesteps, and so none of them is 0; told of noises, the network is called at all of them.
    const auto ratios = spread_between(spread::exponential, largest, smallest, r.steps + 1);
    const auto labelled = n.levels;
    n.levels = levels_at_noises(table, ratios, rounding::none);
    for (std::size_t i = 0; i + 1 < labelled.size(); ++i) n.levels[i].label = labelled[i].label;
    if (told_noise) {
      ++r.steps;
      if (to_data)
        end_on_data(n.levels, table);
      else
        end_on(n.levels, level_at(table, 0));
    }
  } else if (r.sigmas().empty() && !to_data) {
    n.levels.pop_back();
    end_on(n.levels, level_at(table, 0));
  }
  if (told_noise)
    for (level& l : n.levels) l.label = 0.25 * std::log(l.ratio());
  return sigma_recipe(n, solver::euler{}, network);
}

[[nodiscard]] inline recipe euler_ancestral(reading& r) {
  const auto table = with_zero_snr(r.fields, read_table(r.fields), false);
  return sigma_recipe(read_noises(r, table, spread::timesteps, rounding::none), solver::euler_ancestral{},
                      read_network(r, {"epsilon", "v_prediction"}));
}

[[nodiscard]] inline recipe lms(reading& r) {
  const auto table = read_table(r.fields);
  const spread rule = read_spread(r.fields);
  r.karras_without_config = true;
  return sigma_recipe(read_noises(r, table, rule, rounding::none), solver::lms<4>{},
                      read_network(r, {"epsilon", "sample", "v_prediction"}));
}

/// What has the betas of latent diffusion, but evenly spaced.
[[nodiscard]] inline recipe sigma_class(reading& r, any_solver solver, rounding how,
                                        const std::vector<std::string_view>& schedules,
                                        const std::vector<std::string_view>& words, data_limit limit = {}) {
  const auto table = read_table(r.fields, {.beta_start = 0.00085, .beta_end = 0.012, .schedules = schedules});
  const spread rule = read_spread(r.fields);
  return sigma_recipe(read_noises(r, table, rule, how), std::move(solver), read_network(r, words), limit);
}
[[nodiscard]] inline recipe heun(reading& r) {
  const data_limit limit = read_clip(r.fields, false, false);
  return sigma_class(r, solver::heun{}, rounding::none, {"linear", "scaled_linear", "squaredcos_cap_v2", "exp"},
                     {"epsilon", "sample", "v_prediction"}, limit);
}
[[nodiscard]] inline recipe dpm_2(reading& r) {
  return sigma_class(r, solver::dpm_2{}, rounding::nearest, {"linear", "scaled_linear", "squaredcos_cap_v2"},
                     {"epsilon", "v_prediction"});
}
[[nodiscard]] inline recipe dpm_2_ancestral(reading& r) {
  return sigma_class(r, solver::dpm_2_ancestral{}, rounding::nearest, {"linear", "scaled_linear", "squaredcos_cap_v2"},
                     {"epsilon", "v_prediction"});
}
[[nodiscard]] inline recipe dpmpp_sde(reading& r) {
  r.fields.skip("noise_sampler_seed");
  r.karras_without_config = true;
  return sigma_class(r, solver::dpmpp_sde{}, rounding::none, {"linear", "scaled_linear", "squaredcos_cap_v2"},
                     {"epsilon", "v_prediction"});
}

inline constexpr known_class of_k_family[] = {
    {"DPMSolverSDEScheduler", dpmpp_sde},
    {"EulerAncestralDiscreteScheduler", euler_ancestral},
    {"EulerDiscreteScheduler", euler},
    {"HeunDiscreteScheduler", heun},
    {"KDPM2AncestralDiscreteScheduler", dpm_2_ancestral},
    {"KDPM2DiscreteScheduler", dpm_2},
    {"LMSDiscreteScheduler", lms},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
