// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/flow_to_data.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/euler_ancestral_rf.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/lcm.hpp>

/// Flow: x is the peer's latents, and the network is told 1000 sigma.
namespace fokker::inline v0::interop::diffusers_classes {

/// What a class of flows takes beside its shift.
struct flow_class {
  bool sigmas = true;  ///< of the program, or timesteps
  bool rules = true;   ///< shifts by mu, a stretch, and rules of noises
};

[[nodiscard]] inline std::vector<level> read_flow_levels(reading& r, const flow_class& k) {
  config& c = r.fields;
  const int size = c.whole("num_train_timesteps", 1000, 1, 1'000'000);
  const bool dynamic = k.rules && c.flag("use_dynamic_shifting", false);
  const double shift = k.rules ? read_shift(r, "shift") : c.positive("shift", 1);
  const double terminal = k.rules ? read_terminal(c) : 0;
  const spread rule = k.rules ? read_spread(c) : spread::timesteps;
  const bool inverted = k.rules && c.flag("invert_sigmas", false);
  if (k.rules)
    for (const char* pipelines : {"base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len"})
      c.skip(pipelines);
  std::vector<double> sigmas, labels;
  if (k.sigmas) {
    sigmas = r.sigmas();
    labels = r.timesteps();
    if (!sigmas.empty() && !labels.empty() && sigmas.size() != labels.size())
      fokker::detail::refuse("sigmas", sigmas.size(), "as many as timesteps");
    if (sigmas.empty())
      for (const double t : labels) sigmas.push_back(t / size);
  }
  if (sigmas.empty()) {
    fokker::detail::require_steps(r.steps);
    // The least is that of training, shifted already, and is then shifted again: diffusers' issue 13243.
    const double least = dynamic ? 1.0 / size : shifted({1.0 / size}, shift).front();
    for (int i = 0; i < r.steps; ++i) {
      const double share = r.steps == 1 ? 0 : i / (r.steps - 1.0);
      sigmas.push_back(std::fma(share, least, 1 - share));
    }
  }
  require_shares(sigmas);
  sigmas = shifted(sigmas, shift, terminal);
  if (rule != spread::timesteps) {
    for (const char* end : {"sigma_min", "sigma_max"})  // of a config carried on from classes of other noises
      if (c.positive(end, 1) > 1) c.refuse(end, "above 0 and up to 1, shares of noise");
    sigmas = spread_of_config(c, rule, sigmas.front(), sigmas.back(), r.steps);
  }
  std::vector<level> levels = levels_of_flow(sigmas, size, rounding::none);
  for (std::size_t i = 0; i < labels.size(); ++i) levels[i].label = labels[i];
  if (inverted)
    for (level& l : levels) l.label = (1 - l.time) * size;
  end_on_data(levels, schedule::flow_linear{});
  r.prediction_type = "flow_prediction";
  return levels;
}

/// Images are sharper than the last step.
[[nodiscard]] inline any_network flow_of_images() { return parameterization::flow{.at_data = false}; }

[[nodiscard]] inline recipe flow_recipe(std::vector<level> levels, any_solver solver,
                                        const any_network& network = flow_of_images()) {
  return {.schedule = schedule::flow_linear{},
          .levels = std::move(levels),
          .solver = std::move(solver),
          .network = network};
}

/// With `invert_sigmas` the network is told 1000 (1 - sigma), and predicts the way to the data.
[[nodiscard]] inline recipe flow_euler(reading& r) {
  config& c = r.fields;
  const bool stochastic = c.flag("stochastic_sampling", false);
  if (!c.flag("invert_sigmas", false))
    return flow_recipe(read_flow_levels(r, {}), stochastic ? any_solver(solver::lcm{}) : any_solver(solver::euler{}));
  if (stochastic) c.refuse("invert_sigmas", "false with stochastic_sampling");
  return flow_recipe(read_flow_levels(r, {}), solver::euler{}, parameterization::flow_to_data{.at_data = false});
}
[[nodiscard]] inline recipe flow_heun(reading& r) {
  return flow_recipe(read_flow_levels(r, {.sigmas = false, .rules = false}), solver::heun{});
}
[[nodiscard]] inline recipe flow_lcm(reading& r) {
  r.fields.only("scale_factors", nullptr);
  r.fields.skip("upscale_mode");
  r.fields.only("invert_sigmas", false);
  return flow_recipe(read_flow_levels(r, {}), solver::lcm{});
}
/// For networks of two levels: even times, shifted, and so are those of the program. The label is that of the level
/// after the shift, at both ends of a step.
[[nodiscard]] inline recipe flow_map_euler(reading& r) {
  config& c = r.fields;
  const int size = c.whole("num_train_timesteps", 1000, 1, 1'000'000);
  const double shift = c.positive("shift", 1);
  const std::vector<double>& timesteps = r.timesteps();
  std::vector<double> sigmas = r.sigmas();
  if (!sigmas.empty() && !timesteps.empty() && sigmas.size() != timesteps.size())
    fokker::detail::refuse("sigmas", sigmas.size(), "as many as timesteps");
  if (sigmas.empty())
    for (const double t : timesteps) sigmas.push_back(t / size);
  if (sigmas.empty()) {
    fokker::detail::require_steps(r.steps);
    for (int i = 0; i < r.steps; ++i) sigmas.push_back(static_cast<double>(r.steps - i) / r.steps);
  }
  require_shares(sigmas);
  std::vector<level> levels = levels_of_flow(shifted(sigmas, shift), size, rounding::none);
  end_on_data(levels, schedule::flow_linear{});
  r.prediction_type = "flow_prediction";
  return flow_recipe(std::move(levels), solver::flow_map{});
}

/// LTX-Video's: the levels of the Euler class by fields that a config carries on from it, or sigmas of the program as
/// they are, the last one included.
[[nodiscard]] inline recipe ltx_euler_ancestral(reading& r) {
  config& c = r.fields;
  const solver::euler_ancestral_rf solver{.eta = c.number("eta", 1), .s_noise = c.positive("s_noise", 1)};
  const std::vector<double> timesteps = r.timesteps(), sigmas = r.sigmas().empty() ? timesteps : r.sigmas();
  if (sigmas.empty()) {
    c.only("invert_sigmas", false);
    return flow_recipe(read_flow_levels(r, {}), solver);
  }
  if (sigmas.size() < 2) fokker::detail::refuse("sigmas", "one", "two or more, the last of which is the run's end");
  for (const double s : sigmas) fokker::detail::require_within("sigmas", s, 0, 1);
  r.steps = static_cast<int>(sigmas.size()) - 1;
  r.prediction_type = "flow_prediction";
  return flow_recipe(levels_of_flow(sigmas, c.whole("num_train_timesteps", 1000, 1, 1'000'000), rounding::none),
                     solver);
}

/// MiniMax-H3's: its steps are counted by levels, the data among them, so that there is one call fewer. The network is
/// told 1 - sigma, and predicts the way to the data. Sigmas of the program are taken as they are.
[[nodiscard]] inline recipe minimax_h3(reading& r) {
  const double shift = r.fields.positive("shift", 12);
  std::vector<double> sigmas = r.sigmas();
  if (sigmas.empty()) {
    fokker::detail::require_steps(r.steps);
    sigmas = evenly(1, 0, r.steps);
  }
  if (sigmas.size() < 2) fokker::detail::refuse("steps", sigmas.size(), "2 or more, of which the data is one");
  if (sigmas.back() != 0) fokker::detail::refuse("sigmas", sigmas.back(), "a list that ends with 0, the data");
  sigmas.pop_back();
  require_shares(sigmas);
  if (r.sigmas().empty()) sigmas = shifted(sigmas, shift);
  std::vector<level> levels = levels_of_flow(sigmas, 1, rounding::none);
  for (level& l : levels) l.label = 1 - l.time;
  end_on_data(levels, schedule::flow_linear{});
  r.steps = static_cast<int>(sigmas.size());
  r.prediction_type = "flow_prediction";
  return flow_recipe(std::move(levels), solver::euler{}, parameterization::flow_to_data{.at_data = false});
}

inline constexpr known_class of_flow[] = {
    {"FlowMapEulerDiscreteScheduler", flow_map_euler},     {"FlowMatchEulerDiscreteScheduler", flow_euler},
    {"FlowMatchHeunDiscreteScheduler", flow_heun},         {"FlowMatchLCMScheduler", flow_lcm},
    {"LTXEulerAncestralRFScheduler", ltx_euler_ancestral}, {"MiniMaxH3Scheduler", minimax_h3},
};

}  // namespace fokker::inline v0::interop::diffusers_classes
