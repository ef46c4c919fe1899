// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/grid/distilled.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers_levels.hpp>
#include <fokker/interop/diffusers_solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/snr_shift.hpp>
#include <fokker/schedule/trigflow.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpm_2.hpp>
#include <fokker/solver/dpm_2_ancestral.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/euler_ancestral_rf.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/ipndm.hpp>
#include <fokker/solver/lcm.hpp>
#include <fokker/solver/lms.hpp>
#include <fokker/solver/plms.hpp>

namespace fokker::inline v0::interop {

/// What a program of diffusers says beside the config, in `set_timesteps` and `step`.
struct diffusers_options {
  std::vector<double> timesteps = {};  ///< instead of the config's; falling
  std::vector<double> sigmas = {};     ///< of flows, instead of the config's; falling
  double mu = unsaid;                  ///< of flows with use_dynamic_shifting
  double eta = unsaid;                 ///< of DDIM (0 unless said), TCD (0.3)
  int begin = 0;                       ///< leaves out so many steps, as for images to change
  bool float32 = false;                ///< DDPM's scalars are rounded as there
  bool preview = false;                ///< as in plan_options

  static constexpr double unsaid = std::numeric_limits<double>::quiet_NaN();
};

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

/// One config while it is read, and what was said beside it.
class reading {
 public:
  config fields;
  int steps;
  std::string prediction_type;
  bool karras_without_config = false;  ///< whether the class's rule of Karras reads no ends of noises

  reading(const nlohmann::json& json, int count, const diffusers_options& said)
      : fields(json), steps(count), said_(said) {
    if (!said.timesteps.empty()) steps = static_cast<int>(said.timesteps.size());
    if (!said.sigmas.empty()) steps = static_cast<int>(said.sigmas.size());
  }

  [[nodiscard]] const std::vector<double>& timesteps() { return timesteps_read_ = true, said_.timesteps; }
  [[nodiscard]] const std::vector<double>& sigmas() { return sigmas_read_ = true, said_.sigmas; }
  [[nodiscard]] double mu() { return mu_read_ = true, said_.mu; }
  [[nodiscard]] double eta(double standard) {
    eta_read_ = true;
    return fokker::detail::is_nan(said_.eta) ? standard : said_.eta;
  }
  [[nodiscard]] int begin() const { return said_.begin; }
  [[nodiscard]] bool float32() const { return said_.float32; }

  /// Throws where something was said that the class does not take.
  void require_all_read(std::string_view scheduler) const {
    const auto require = [&](bool read, const char* name) {
      if (!read)
        fokker::detail::refuse(
            name, "given", fokker::detail::joined({"not given: ", scheduler, " does not take it with this config"}));
    };
    require(timesteps_read_ || said_.timesteps.empty(), "timesteps");
    require(sigmas_read_ || said_.sigmas.empty(), "sigmas");
    require(mu_read_ || fokker::detail::is_nan(said_.mu), "mu");
    require(eta_read_ || fokker::detail::is_nan(said_.eta), "eta");
  }

 private:
  const diffusers_options& said_;
  bool timesteps_read_ = false, sigmas_read_ = false, mu_read_ = false, eta_read_ = false;
};

using any_network = recipe::any_network;

/// What the network predicts, of the words that a class knows; the first is its default.
[[nodiscard]] inline any_network read_network(reading& r, const std::vector<std::string_view>& words) {
  r.prediction_type = r.fields.word("prediction_type", words);
  if (r.prediction_type == "sample" || r.prediction_type == "original_sample") return parameterization::data{};
  if (r.prediction_type == "v_prediction") return parameterization::velocity{};
  if (r.prediction_type == "flow_prediction") return parameterization::flow{.at_data = false};
  return parameterization::epsilon{};
}

[[nodiscard]] inline data_limit read_clip(config& c, bool standard, bool network_epsilon) {
  const bool clips = c.flag("clip_sample", standard);
  const double range = c.positive("clip_sample_range", 1);
  return clips ? data_limit{.bound = range, .network_epsilon = network_epsilon} : data_limit{};
}

/// Dynamic thresholding, which comes before clipping where a class has both.
[[nodiscard]] inline data_limit read_threshold(config& c, data_limit otherwise = {}, bool network_epsilon = false) {
  const bool thresholds = c.flag("thresholding", false);
  const double quantile = c.positive("dynamic_thresholding_ratio", 0.995);
  const double largest = c.positive("sample_max_value", 1);
  if (quantile > 1) c.refuse("dynamic_thresholding_ratio", "above 0 and up to 1");
  if (!thresholds) return otherwise;
  return {.bound = 1, .quantile = quantile, .largest = largest, .network_epsilon = network_epsilon};
}

inline void require_shares(const std::vector<double>& sigmas) {
  for (const double s : sigmas)
    if (!(s > 0 && s <= 1)) fokker::detail::refuse("sigmas", s, "above 0 and up to 1");
}

/// Numbers by a rule, from `most` to `least` or between the ends that the config has: diffusers reads them of every
/// class, of those, too, that carry them on from another one.
[[nodiscard]] inline std::vector<double> spread_of_config(config& c, spread rule, double most, double least,
                                                          int steps) {
  if (rule != spread::lu) {
    most = c.positive("sigma_max", most);
    least = c.positive("sigma_min", least);
  }
  return spread_between(rule, most, least, steps);
}

/// The timesteps that were said, else those of the config.
[[nodiscard]] inline std::vector<double> read_timesteps(reading& r, family f, const schedule::tabulated& table,
                                                        std::string_view spacing, int last = 0) {
  const int size = table.size();
  std::vector<double> own = r.timesteps();
  if (own.empty()) return spaced_timesteps(r.fields, f, size, last == 0 ? size : last, r.steps, spacing);
  r.fields.skip("timestep_spacing");
  r.fields.skip("steps_offset");
  return own;
}

// Diffusion in discrete time: x is the peer's latents.

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
  const auto table = read_table(c, {.schedules = {"squaredcos_cap_v2"}});
  const bool learned = c.word("variance_type", {"fixed_small_log", "learned_range"}) == "learned_range";
  fokker::detail::require_steps(r.steps, table.size());
  std::vector<double> times;
  for (int left = r.steps - 1; left >= 0; --left)
    times.push_back(r.steps == 1 ? table.size() - 1 : std::nearbyint(left * ((table.size() - 1.0) / (r.steps - 1))));
  std::vector<level> levels = levels_at_timesteps(table, times);
  end_on_data(levels, table);
  const any_network network = read_network(r, {"epsilon", "sample"});
  const auto kind = learned ? solver::ddpm_variance::learned_range : solver::ddpm_variance::fixed_small;
  const schedule::tabulated exact = schedule::squared_cosine(table.size());
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
    if (!(t >= 0 && t <= 1)) fokker::detail::refuse("timesteps", t, "0 to 1");
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

/// Ends on the data, or with `set_alpha_to_one` false on timestep 0.
inline void end_by_alpha(config& c, std::vector<level>& levels, const schedule::tabulated& table, bool standard) {
  if (c.flag("set_alpha_to_one", standard))
    end_on_data(levels, table);
  else
    end_on(levels, level_at(table, 0));
}

[[nodiscard]] inline recipe ddim(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), true);
  std::vector<level> levels = levels_at_timesteps(table, read_timesteps(r, family::ddim, table, "leading"));
  end_by_alpha(c, levels, table, true);
  return {.schedule = table,
          .levels = levels,
          .solver = solver::ddim{.eta = r.eta(0)},
          .network = read_network(r, {"epsilon", "sample", "v_prediction"}),
          .limit = read_threshold(c, read_clip(c, true, true), true)};
}

/// DDIM from data to noise. The network is told the timestep that a step goes to.
[[nodiscard]] inline recipe ddim_inverse(reading& r) {
  config& c = r.fields;
  const auto table = with_zero_snr(c, read_table(c), true);
  std::vector<level> levels =
      levels_at_timesteps(table, spaced_timesteps(c, family::ddim, table.size(), table.size(), r.steps, "leading"));
  end_by_alpha(c, levels, table, true);
  for (std::size_t i = levels.size() - 1; i > 0; --i) levels[i].label = levels[i - 1].time;
  return {.schedule = table,
          .levels = levels,
          .solver = solver::ddim_inversion{},
          .network = read_network(r, {"epsilon", "sample", "v_prediction"}),
          .limit = read_clip(c, true, true),
          .towards_noise = true};
}

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

[[nodiscard]] inline recipe pndm(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  std::vector<level> levels =
      levels_at_timesteps(table, spaced_timesteps(c, family::ddim, table.size(), table.size(), r.steps, "leading"));
  end_by_alpha(c, levels, table, false);
  const any_solver solver = !c.flag("skip_prk_steps", false)
                                ? any_solver(pndm_on_timesteps{.half = table.size() / r.steps / 2})
                            : r.steps == 1 ? any_solver(solver::ddim{})
                                           : any_solver(solver::plms{});
  return {
      .schedule = table, .levels = levels, .solver = solver, .network = read_network(r, {"epsilon", "v_prediction"})};
}

/// iPNDM on a path of its own: sigma = sin^2(pi u / 2), the label being the angle.
[[nodiscard]] inline recipe ipndm(reading& r) {
  config& c = r.fields;
  c.only("trained_betas", nullptr);
  c.skip("num_train_timesteps");
  fokker::detail::require_steps(r.steps);
  const schedule::trigflow circle;
  std::vector<level> levels;
  for (int left = r.steps; left >= 0; --left) {
    const double angle = circle.noise_time() * (static_cast<double>(left) / r.steps);
    const double sigma = fokker::detail::rounded_product(circle.sigma(angle), circle.sigma(angle));
    level l = level_at(circle, std::atan2(sigma, circle.alpha(angle) * std::sqrt(1 + sigma)));
    l.label = l.time / circle.noise_time();
    levels.push_back(l);
  }
  return {.schedule = circle, .levels = levels, .solver = solver::ipndm<4>{}, .network = parameterization::velocity{}};
}

// Consistency models.

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
  if (!(gamma >= 0 && gamma <= 1)) fokker::detail::refuse("eta", gamma, "0 to 1");
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

// The k-family: the peer's latents are x/alpha.

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
  for (const double ratio : ratios)
    if (!(fokker::detail::is_finite(ratio) && ratio >= 0)) fokker::detail::refuse("sigmas", ratio, "numbers >= 0");
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
          .over_alpha = true};
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

// Multistep methods in log-SNR: x is the peer's latents.

/// How many timesteps of the table have a log-SNR of `lambda_min_clipped` or more; at least one.
[[nodiscard]] inline int read_last(config& c, const schedule::tabulated& table) {
  const double least = c.number("lambda_min_clipped", -std::numeric_limits<double>::infinity());
  int last = table.size();
  while (last > 1 && level_at(table, last - 1).log_snr() < least) --last;
  return last;
}

/// The shift of a flow: that of the config, or of the program's mu.
[[nodiscard]] inline double read_shift(reading& r, const char* key) {
  const double shift = r.fields.positive(key, 1);
  const std::string kind = r.fields.word("time_shift_type", {"exponential", "linear"});
  if (!r.fields.flag("use_dynamic_shifting", false)) return shift;
  if (fokker::detail::is_nan(r.mu())) fokker::detail::refuse("mu", "not given", "a number, for use_dynamic_shifting");
  return kind == "linear" ? r.mu() : std::exp(r.mu());
}
[[nodiscard]] inline double read_terminal(config& c) {
  const double terminal = c.number("shift_terminal", 0);
  if (!(terminal >= 0 && terminal < 1)) c.refuse("shift_terminal", "0 (none) or more, and below 1");
  return terminal;
}

/// What comes after the last level.
enum class finish { data, first_timestep, repeated };

/// What the multistep classes read of their levels, and where these end.
struct multistep_class {
  finish of_timesteps, of_noises;
  bool lu = false;       ///< knows use_lu_lambdas
  bool spaced = true;    ///< knows timestep_spacing
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
    std::vector<level> levels = levels_of_flow(shifted(sigmas, read_shift(r, "flow_shift")), size, rounding::down);
    if (k.of_noises == finish::data)
      end_on_data(levels, path);
    else
      end_on(levels, k.of_noises == finish::repeated ? levels.back() : level_at(path, clean.ratio()));  // as there
    return {path, levels};
  }
  for (const char* unused : {"flow_shift", "use_dynamic_shifting", "time_shift_type"}) c.skip(unused);
  std::vector<level> levels;
  if (rule == spread::timesteps) {
    levels = levels_at_timesteps(table, read_timesteps(r, family::dpm, table, "linspace", last));
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
  const any_network network = read_network(r, {"epsilon", "sample", "v_prediction", "flow_prediction"});
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

/// SA-Solver, with noise from timestep 200 to 800, and with two predictions of data the weight 1/2 of its code.
[[nodiscard]] inline recipe sa_solver(reading& r) {
  config& c = r.fields;
  const auto table = read_table(c);
  const auto path = read_multistep_levels(
      r, table, {.of_timesteps = finish::first_timestep, .of_noises = finish::repeated, .clipped = true});
  const int predictor = c.whole("predictor_order", 2, 1, 4), corrector = c.whole("corrector_order", 2, 0, 4);
  const bool lower = c.flag("lower_order_final", true);
  c.only("tau_func", nullptr);
  c.skip("variance_type");
  const bool data = c.word("algorithm_type", {"data_prediction", "noise_prediction"}) == "data_prediction";
  const auto step = [=](const level& s, int left) {
    return solver::multistep{.predictor = static_cast<std::size_t>(lower ? (std::min)(predictor, left) : predictor),
                             .corrector = static_cast<std::size_t>(lower ? (std::min)(corrector, left + 1) : corrector),
                             .eta = s.label >= 200 && s.label <= 800 ? 1.0 : 0.0,
                             .published = {.form = data ? solver::form::bh1 : solver::form::heun}};
  };
  return {
      .schedule = path.schedule,
      .levels = path.levels,
      .solver = multistep_by_rule{data ? solver::target::data : solver::target::epsilon, predictor, predictor, step},
      .network = read_multistep_network(r),
      .limit = read_threshold(c)};
}

// EDM: alpha is 1, and x the peer's latents.

struct edm_levels {
  schedule::edm path;
  std::vector<level> levels;
  any_network network;
  double initial_scale;
};

/// `cosine`: Stable Audio's class, which is told an angle and begins its words with the others. `positions`: the
/// program's `sigmas` are places in Karras's rule, and by the other one no more than their number.
[[nodiscard]] inline edm_levels read_edm(reading& r, const schedule::edm& range, double deviation, bool cosine,
                                         bool positions = false) {
  config& c = r.fields;
  const schedule::edm path{.sigma_min = c.positive("sigma_min", range.sigma_min),
                           .sigma_max = c.positive("sigma_max", range.sigma_max)};
  const double sigma_data = c.positive("sigma_data", deviation), rho = c.positive("rho", 7);
  c.skip("num_train_timesteps");
  const std::string rule = c.word("sigma_schedule", {cosine ? "exponential" : "karras", "karras", "exponential"});
  fokker::detail::require_steps(r.steps);
  std::vector<double> sigmas = spread_between(rule == "karras" ? spread::karras : spread::exponential, path.sigma_max,
                                              path.last_time(), r.steps, rho);
  if (positions && rule == "karras") {
    const std::vector<double>& said = r.sigmas();
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (!(said[i] >= 0 && said[i] <= 1)) fokker::detail::refuse("sigmas", said[i], "0 (sigma_max) to 1 (sigma_min)");
      sigmas[i] =
          std::pow(std::lerp(std::pow(path.sigma_max, 1 / rho), std::pow(path.sigma_min, 1 / rho), said[i]), rho);
    }
  }
  std::vector<level> levels = levels_at(path, sigmas);
  for (level& l : levels) l.label = cosine ? std::atan(l.sigma) * 2 / std::numbers::pi : 0.25 * std::log(l.sigma);
  if (c.word("final_sigmas_type", {"zero", "sigma_min"}) == "zero")
    end_on_data(levels, path);
  else
    end_on(levels, positions ? levels.back() : level_at(path, path.sigma_min));
  (void)read_network(r, {cosine ? "v_prediction" : "epsilon", "epsilon", "v_prediction"});
  any_network network = parameterization::edm{.sigma_data = sigma_data};
  if (r.prediction_type == "v_prediction") network = parameterization::trigflow{.sigma_data = sigma_data};  // minus edm
  return {path, levels, network, fokker::detail::hypotenuse(path.sigma_max, 1)};
}

[[nodiscard]] inline recipe edm_recipe(const edm_levels& e, any_solver solver, data_limit limit = {}) {
  return {.schedule = e.path,
          .levels = e.levels,
          .solver = std::move(solver),
          .network = e.network,
          .limit = limit,
          .initial_scale = e.initial_scale};
}

[[nodiscard]] inline recipe edm_euler(reading& r) {
  (void)r.sigmas();
  return edm_recipe(read_edm(r, {}, 0.5, false, true), solver::euler{});
}

[[nodiscard]] inline recipe edm_dpm_solver(reading& r) {
  config& c = r.fields;
  const edm_levels e = read_edm(r, {}, 0.5, false);
  const algorithm a = read_algorithm(c, {"dpmsolver++", "sde-dpmsolver++", "deis"});
  const int order = c.whole("solver_order", 2, 1, a.eta > 0 ? 2 : 3);
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  return edm_recipe(e, dpm_multistep(order, a, read_form(c), lower, c.flag("euler_at_final", false)),
                    read_threshold(c));
}

[[nodiscard]] inline recipe cosine_dpm_solver(reading& r) {
  config& c = r.fields;
  const edm_levels e = read_edm(r, {.sigma_min = 0.3, .sigma_max = 500}, 1, true);
  const int order = c.whole("solver_order", 2, 1, 2);
  const bool lower = c.flag("lower_order_final", true) && r.steps < 15;
  return edm_recipe(
      e, dpm_multistep(order, {solver::target::data, 1}, read_form(c), lower, c.flag("euler_at_final", false)));
}

// Flow: x is the peer's latents, and the network is told 1000 sigma.

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
  if (rule != spread::timesteps) sigmas = spread_of_config(c, rule, sigmas.front(), sigmas.back(), r.steps);
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
  for (const double s : sigmas)
    if (!(s >= 0 && s <= 1)) fokker::detail::refuse("sigmas", s, "0 to 1");
  r.steps = static_cast<int>(sigmas.size()) - 1;
  r.prediction_type = "flow_prediction";
  return flow_recipe(levels_of_flow(sigmas, c.whole("num_train_timesteps", 1000, 1, 1'000'000), rounding::none),
                     solver);
}

/// The classes that are known. Another one is a function above and a row here.
struct known_class {
  std::string_view name;
  recipe (*read)(reading&);
};
inline constexpr known_class known[] = {
    {"CMStochasticIterativeScheduler", consistency},
    {"CogVideoXDDIMScheduler", cogvideox_ddim},
    {"CogVideoXDPMScheduler", cogvideox_dpm},
    {"ConsistencyDecoderScheduler", consistency_decoder},
    {"CosineDPMSolverMultistepScheduler", cosine_dpm_solver},
    {"DDIMInverseScheduler", ddim_inverse},
    {"DDIMParallelScheduler", ddim},
    {"DDIMScheduler", ddim},
    {"DDPMParallelScheduler", ddpm},
    {"DDPMScheduler", ddpm},
    {"DDPMWuerstchenScheduler", wuerstchen},
    {"DEISMultistepScheduler", deis},
    {"DPMSolverMultistepInverseScheduler", dpm_solver_inverse},
    {"DPMSolverMultistepScheduler", dpm_solver_multistep},
    {"DPMSolverSDEScheduler", dpmpp_sde},
    {"DPMSolverSinglestepScheduler", dpm_solver_singlestep},
    {"EDMDPMSolverMultistepScheduler", edm_dpm_solver},
    {"EDMEulerScheduler", edm_euler},
    {"EulerAncestralDiscreteScheduler", euler_ancestral},
    {"EulerDiscreteScheduler", euler},
    {"FlowMapEulerDiscreteScheduler", flow_map_euler},
    {"FlowMatchEulerDiscreteScheduler", flow_euler},
    {"FlowMatchHeunDiscreteScheduler", flow_heun},
    {"FlowMatchLCMScheduler", flow_lcm},
    {"HeunDiscreteScheduler", heun},
    {"IPNDMScheduler", ipndm},
    {"KDPM2AncestralDiscreteScheduler", dpm_2_ancestral},
    {"KDPM2DiscreteScheduler", dpm_2},
    {"LCMScheduler", lcm},
    {"LMSDiscreteScheduler", lms},
    {"LTXEulerAncestralRFScheduler", ltx_euler_ancestral},
    {"PNDMScheduler", pndm},
    {"SASolverScheduler", sa_solver},
    {"SCMScheduler", scm},
    {"TCDScheduler", tcd},
    {"UnCLIPScheduler", unclip},
    {"UniPCMultistepScheduler", unipc},
};

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
