// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/known.hpp>
#include <fokker/interop/diffusers/options.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::interop {

/// The plan of a config, and what a program needs that knows the peer's latents.
struct diffusers_plan {
  plan::program plan;
  std::string scheduler;             ///< the class
  std::string prediction_type;       ///< as the config has it; what it means for the network says `plan.predicts`
  double initial_scale = 1;          ///< what the peer multiplies its first normals by
  bool over_alpha = false;           ///< the peer's latents are x/alpha
  std::vector<std::string> ignored;  ///< fields of other classes, which this one does not read

  /// Our x is so many times the peer's latents.
  [[nodiscard]] double of_theirs(const level& at) const { return over_alpha ? at.alpha : 1; }
  /// What the peer multiplies its latents by before the network sees them.
  [[nodiscard]] double input_scale(const plan::call& c) const { return of_theirs(c.at) * c.input_scale; }
};

namespace diffusers_classes {

/// Fields of diffusers' classes that configs carry on from one class to another, where they say nothing.
inline constexpr std::string_view elsewhere[] = {"algorithm_type",
                                                 "base_image_seq_len",
                                                 "base_shift",
                                                 "beta_end",
                                                 "beta_schedule",
                                                 "beta_start",
                                                 "clip_denoised",
                                                 "clip_sample",
                                                 "clip_sample_range",
                                                 "corrector_order",
                                                 "disable_corrector",
                                                 "dynamic_thresholding_ratio",
                                                 "eta",
                                                 "euler_at_final",
                                                 "final_sigmas_type",
                                                 "flow_shift",
                                                 "intermediate_timesteps",
                                                 "interpolation_type",
                                                 "invert_sigmas",
                                                 "lambda_min_clipped",
                                                 "lower_order_final",
                                                 "max_image_seq_len",
                                                 "max_shift",
                                                 "max_timesteps",
                                                 "noise_sampler_seed",
                                                 "num_train_timesteps",
                                                 "original_inference_steps",
                                                 "predict_x0",
                                                 "prediction_type",
                                                 "predictor_order",
                                                 "rescale_betas_zero_snr",
                                                 "rho",
                                                 "s",
                                                 "s_noise",
                                                 "sample_max_value",
                                                 "scale_factors",
                                                 "scaler",
                                                 "set_alpha_to_one",
                                                 "shift",
                                                 "shift_terminal",
                                                 "sigma_data",
                                                 "sigma_max",
                                                 "sigma_min",
                                                 "sigma_schedule",
                                                 "skip_prk_steps",
                                                 "snr_shift_scale",
                                                 "solver_order",
                                                 "solver_p",
                                                 "solver_type",
                                                 "steps_offset",
                                                 "stochastic_sampling",
                                                 "tau_func",
                                                 "thresholding",
                                                 "time_shift_type",
                                                 "timestep_scaling",
                                                 "timestep_spacing",
                                                 "timestep_type",
                                                 "trained_betas",
                                                 "upscale_mode",
                                                 "use_beta_sigmas",
                                                 "use_dynamic_shifting",
                                                 "use_exponential_sigmas",
                                                 "use_flow_sigmas",
                                                 "use_karras_sigmas",
                                                 "use_lu_lambdas",
                                                 "variance_type"};

/// Classes of diffusers that no plan follows, and why.
struct refused_class {
  std::string_view name, why;
};
inline constexpr std::string_view of_tokens = "it samples tokens of a vocabulary, and plans are of numbers";
inline constexpr std::string_view of_stages = "its stages are of several sizes; a run is of one";
inline constexpr refused_class refused[] = {
    {"AmusedScheduler", of_tokens},
    {"BlockRefinementScheduler", of_tokens},
    {"DiscreteDDIMScheduler", of_tokens},
    {"EntropyBoundScheduler", of_tokens},
    {"HeliosDMDScheduler", of_stages},
    {"HeliosScheduler", of_stages},
    {"KarrasVeScheduler", "a program writes its loop; the method is solver::heun with churn, on schedule::edm"},
    {"PiflowScheduler", "one output of its network is ten predictions, with a policy between calls"},
    {"RFD4ProteinaScheduler", "it scales scores by time, and has masks"},
    {"RePaintScheduler", "its repeated steps are solver::repaint, its masks guidance::inpainted"},
    {"ScoreSdeVeScheduler", "its steps follow from norms over the batch; near it is solver::predictor_corrector"},
    {"ScoreSdeVpScheduler", "a program writes its loop; near it is solver::euler_maruyama, on schedule::vp_linear"},
    {"VQDiffusionScheduler", of_tokens},
};

}  // namespace diffusers_classes

/// The plan of a `scheduler_config.json` of Hugging Face's diffusers, by its `_class_name` and fields, for so many
/// steps. What a config does not say is diffusers' default. Throws std::invalid_argument naming the field, its value
/// and what is allowed: for a class that is not known, a value that is not understood, a field that is not known, an
/// option that the class does not take.
template <class Guidance = guidance::none>
[[nodiscard]] diffusers_plan diffusers(const nlohmann::json& fields, int steps, const diffusers_options& said = {},
                                       const Guidance& guidance = {}) {
  using namespace diffusers_classes;
  reading r(fields, steps, said);
  if (const auto given = fields.find("_class_name"); given != fields.end())
    for (const refused_class& k : refused)
      if (*given == k.name) r.fields.refuse("_class_name", fokker::detail::joined({"another class; ", k.why}));
  std::vector<std::string_view> names;
  for (const known_class& k : known) names.push_back(k.name);
  const std::string name = r.fields.required_word("_class_name", names);
  for (const known_class& k : known) {
    if (k.name != name) continue;
    recipe found = k.read(r);
    std::vector<std::string> ignored;
    for (const std::string& key : r.fields.unread()) {
      if (key.starts_with("_")) continue;  // _diffusers_version and the like
      if (std::find(std::begin(elsewhere), std::end(elsewhere), key) == std::end(elsewhere))
        r.fields.refuse(key.c_str(), "the fields of diffusers' classes");
      ignored.push_back(key);
    }
    r.require_all_read(name);
    if (said.begin < 0 || said.begin >= r.steps)
      fokker::detail::refuse(
          "begin", said.begin,
          fokker::detail::joined({"0 and less than ", fokker::detail::text(r.steps), ", the steps"}));
    if (found.towards_noise)
      found.levels.resize(found.levels.size() - static_cast<std::size_t>(said.begin));
    else
      found.levels.erase(found.levels.begin(), found.levels.begin() + said.begin);
    return {found.plan(guidance, {.preview = said.preview}),
            name,
            r.prediction_type,
            found.initial_scale,
            found.over_alpha,
            ignored};
  }
  return {};
}

}  // namespace fokker::inline v0::interop
