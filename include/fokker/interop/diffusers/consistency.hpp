// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/grid/distilled.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/consistency.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/latent_consistency.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/float32.hpp>
#include <fokker/schedule/squared_cosine.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/trigflow.hpp>
#include <fokker/solver/lcm.hpp>

/// Consistency models.
namespace fokker::inline v0::interop::diffusers_classes {

/// Timesteps picked evenly from the `original_inference_steps` of the distillation.
[[nodiscard]] inline std::vector<level> distilled_levels(reading& r, const schedule::tabulated& table) {
  const int original = r.fields.whole("original_inference_steps", 50, 1, table.size());
  const std::vector<double>& said = r.timesteps();
  return levels_at_timesteps(
      table, said.empty() ? times_of(table, grid::distilled{.steps = r.steps, .original_steps = original}) : said);
}

[[nodiscard]] inline schedule::tabulated read_distilled(config& c) {
  const auto table = read_table(
      c, {.beta_start = 0.00085, .beta_end = 0.012, .schedules = {"scaled_linear", "linear", "squaredcos_cap_v2"}});
  for (const char* unused : {"timestep_spacing", "steps_offset", "set_alpha_to_one", "clip_sample_range",
                             "dynamic_thresholding_ratio", "sample_max_value"})
    c.skip(unused);
  return with_zero_snr(c, table, true);
}

[[nodiscard]] inline recipe lcm(reading& r) {
  config& c = r.fields;
  const auto table = read_distilled(c);
  const data_limit limit = read_threshold(c, read_clip(c, false, false));
  std::vector<level> levels = distilled_levels(r, table);
  end_on_data(levels, table);
  const double scale = c.positive("timestep_scaling", 10);
  using parameterization::latent_consistency;
  any_network network = read_network(r, {"epsilon", "sample", "v_prediction"});
  if (limit != data_limit{})
    return {.schedule = table,
            .levels = levels,
            .solver = lcm_of_limited_data{.label_scale = scale},
            .network = network,
            .limit = limit};
  network = latent_consistency{parameterization::epsilon{}, 0.5, scale};
  if (r.prediction_type == "sample") network = latent_consistency{parameterization::data{}, 0.5, scale};
  if (r.prediction_type == "v_prediction") network = latent_consistency{parameterization::velocity{}, 0.5, scale};
  return {.schedule = table, .levels = levels, .solver = solver::lcm{}, .network = network};
}

[[nodiscard]] inline recipe tcd(reading& r) {
  config& c = r.fields;
  const auto table = read_distilled(c);
  for (const char* unused : {"clip_sample", "thresholding", "timestep_scaling"}) c.skip(unused);  // nor does it there
  std::vector<level> levels = distilled_levels(r, table);
  end_on(levels, level_at(table, 0));
  const double gamma = r.eta(0.3);
  fokker::detail::require_within("eta", gamma, 0, 1);
  return {.schedule = table,
          .levels = levels,
          .solver = tcd_on_timesteps{.gamma = gamma},
          .network = read_network(r, {"epsilon", "sample", "v_prediction"})};
}

[[nodiscard]] inline recipe consistency(reading& r) {
  config& c = r.fields;
  const int size = c.whole("num_train_timesteps", 40, 2, 1'000'000);
  const double least = c.positive("sigma_min", 0.002), most = c.positive("sigma_max", 80), rho = c.positive("rho", 7);
  const double sigma_data = c.positive("sigma_data", 0.5);
  const double s_noise = c.number("s_noise", 1);
  std::vector<double> times = r.timesteps();
  if (times.empty()) {
    fokker::detail::require_steps(r.steps, size);
    const int stride = size / r.steps;
    for (int left = r.steps - 1; left >= 0; --left) times.push_back(left * stride);
  }
  const schedule::edm path{.sigma_min = least, .sigma_max = most};
  std::vector<double> noises;
  for (std::size_t i = times.size(); i-- > 0;) {  // the ramp counts from the other end
    const double share = times[i] / (size - 1);
    noises.push_back(std::pow(std::fma(share, std::pow(least, 1 / rho), (1 - share) * std::pow(most, 1 / rho)), rho));
  }
  std::vector<level> levels = levels_at(path, noises);
  end_on_data(levels, path);
  return {.schedule = path,
          .levels = levels,
          .solver = solver::lcm{.sigma_min = least, .s_noise = s_noise},
          .network = parameterization::consistency{.sigma_data = sigma_data, .sigma_min = least},
          .limit = c.flag("clip_denoised", true) ? data_limit{.bound = 1} : data_limit{},
          .initial_scale = most};
}

/// The decoder of DALL-E 3: two steps of a consistency model on a table, its network preconditioned as EDM's.
[[nodiscard]] inline recipe consistency_decoder(reading& r) {
  config& c = r.fields;
  const auto table = schedule::float32(schedule::squared_cosine(c.whole("num_train_timesteps", 1024, 1009, 1'000'000)));
  if (r.steps != 2) fokker::detail::refuse("steps", r.steps, "2: timesteps 1008 and 512");
  std::vector<level> levels = levels_at_timesteps(table, {1008, 512});
  end_on_data(levels, table);
  return {.schedule = table,
          .levels = levels,
          .solver = solver::lcm{},
          .network = parameterization::edm{.sigma_data = c.positive("sigma_data", 0.5)},
          .initial_scale = levels.front().sigma};
}

/// sCM, of which the network is told the angle.
[[nodiscard]] inline recipe scm(reading& r) {
  config& c = r.fields;
  r.prediction_type = c.word("prediction_type", {"trigflow"});
  const double sigma_data = c.positive("sigma_data", 0.5);
  const double first = c.positive("max_timesteps", 1.57080), second = c.number("intermediate_timesteps", 1.3);
  for (const char* unused :
       {"num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "clip_sample",
        "set_alpha_to_one", "steps_offset", "thresholding", "dynamic_thresholding_ratio", "clip_sample_range",
        "sample_max_value", "timestep_spacing", "rescale_betas_zero_snr"})
    c.skip(unused);
  std::vector<double> times = r.timesteps();
  if (times.empty()) {
    fokker::detail::require_steps(r.steps);
    for (int left = r.steps; left > 0; --left) times.push_back(first * left / r.steps);
    if (r.steps == 2 && second > 0) times.back() = second;
  }
  if (times.size() > 1 && times.back() == 0) times.pop_back();  // theirs end with it
  const schedule::trigflow circle;
  std::vector<level> levels;
  for (const double time : times) {  // 1.57080 is pi/2, rounded up
    levels.push_back(level_at(circle, (std::min)(time, circle.noise_time())));
    levels.back().label = time;
    levels.back().sigma *= sigma_data;  // the peer's x is cos(t) x0 + sin(t) sd z
  }
  end_on_data(levels, circle);
  return {.schedule = circle,
          .levels = levels,
          .solver = solver::lcm{},
          .network = parameterization::trigflow{.sigma_data = sigma_data},
          .initial_scale = sigma_data};
}

inline constexpr known_class of_consistency[] = {
    {"CMStochasticIterativeScheduler", consistency},
    {"ConsistencyDecoderScheduler", consistency_decoder},
    {"LCMScheduler", lcm},
    {"SCMScheduler", scm},
    {"TCDScheduler", tcd},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
