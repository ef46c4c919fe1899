// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/squared_cosine.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddpm.hpp>

/// DDPM and those that are made of it: x is the peer's latents.
namespace fokker::inline v0::interop::diffusers_classes {

[[nodiscard]] inline recipe ddpm(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(
      c, read_table(c, {.schedules = {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace"}}), true);
  const std::string variance =
      c.word("variance_type", {"fixed_small", "fixed_small_log", "fixed_large", "learned_range"});
  std::vector<level> levels = levels_at_timesteps(table, read_timesteps(r, family::ddim, table, "leading"));
  end_on_data(levels, table);
  const any_network network = read_network(r, {"epsilon", "sample", "v_prediction"});
  const bool learned = variance == "learned_range";
  const auto kind = learned                     ? solver::ddpm_variance::learned_range
                    : variance == "fixed_large" ? solver::ddpm_variance::fixed_large
                                                : solver::ddpm_variance::fixed_small;
  return {.schedule = table,
          .levels = levels,
          .solver = r.float32() && !learned ? any_solver(ddpm_in_float32{.fixed_large = variance == "fixed_large"})
                                            : any_solver(solver::ddpm{.variance = kind}),
          .network = network,
          .limit = read_threshold(c, read_clip(c, true, false)),
          .learns_variance = learned};
}

/// DDPM of unCLIP: timesteps from the last to the first, both included.
[[nodiscard]] inline recipe unclip(reading& r) {
  config& c = r.fields;
  (void)c.word("beta_schedule", {"squaredcos_cap_v2"});
  const schedule::tabulated exact = schedule::squared_cosine(c.whole("num_train_timesteps", 1000, 1, 1'000'000));
  const auto table = schedule::float32(exact).interpolated(schedule::interpolation::log_ratio);
  const bool learned = c.word("variance_type", {"fixed_small_log", "learned_range"}) == "learned_range";
  fokker::detail::require_steps(r.steps, table.size());
  std::vector<double> times;
  for (int left = r.steps - 1; left >= 0; --left)
    times.push_back(r.steps == 1 ? table.size() - 1 : std::nearbyint(left * ((table.size() - 1.0) / (r.steps - 1))));
  std::vector<level> levels = levels_at_timesteps(table, times);
  end_on_data(levels, table);
  const any_network network = read_network(r, {"epsilon", "sample"});
  const auto kind = learned ? solver::ddpm_variance::learned_range : solver::ddpm_variance::fixed_small;
  std::vector<double> betas;
  for (int t = 0; t < table.size(); ++t)
    betas.push_back(-std::expm1(2 * (exact.log_alpha(t) - exact.log_alpha(t - 1))));
  return {.schedule = table,
          .levels = levels,
          .solver = r.float32() && !learned ? any_solver(ddpm_in_float32{.betas = betas})
                                            : any_solver(solver::ddpm{.variance = kind}),
          .network = network,
          .limit = read_clip(c, true, false),
          .learns_variance = learned};
}

/// DDPM of Wuerstchen: the cosine path between alpha^2 of 1e-4 and 0.9999, and the network is told its time.
[[nodiscard]] inline recipe wuerstchen(reading& r) {
  config& c = r.fields;
  const double scaler = c.positive("scaler", 1);
  const schedule::cosine path{.offset = c.positive("s", 0.008)};
  std::vector<double> times = r.timesteps();
  if (times.empty()) {
    fokker::detail::require_steps(r.steps);
    for (int left = r.steps; left > 0; --left) times.push_back(static_cast<double>(left) / r.steps);
  }
  if (times.size() == 1 || times.back() != 0) times.push_back(0);  // of the program they may end with it
  std::vector<level> levels;
  for (const double t : times) {
    fokker::detail::require_within("timesteps", t, 0, 1);
    level l = level_at(path, scaler > 1 ? 1 - std::pow(1 - t, scaler) : std::pow(t, scaler));
    l.alpha = std::clamp(l.alpha, 0.01, std::sqrt(0.9999));
    l.sigma = std::clamp(l.sigma, 0.01, std::sqrt(0.9999));
    l.label = t;
    levels.push_back(l);
  }
  r.prediction_type = "epsilon";
  r.steps = static_cast<int>(levels.size()) - 1;
  return {.schedule = path, .levels = levels, .solver = ddpm_to_mean{}};
}

inline constexpr known_class of_ddpm[] = {
    {"DDPMParallelScheduler", ddpm},
    {"DDPMScheduler", ddpm},
    {"DDPMWuerstchenScheduler", wuerstchen},
    {"UnCLIPScheduler", unclip},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
