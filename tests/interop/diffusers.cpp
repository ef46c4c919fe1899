// SPDX-License-Identifier: MIT
#include <fokker/interop/diffusers.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/leading.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/stepper.hpp>

#include "support/catch.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using Catch::Contains;
using fk::interop::diffusers;
using fk::interop::diffusers_options;
using fk::plan::to_text;
using nlohmann::json;

namespace {

json config(const std::string& scheduler, json fields = json::object()) {
  fields["_class_name"] = scheduler + "Scheduler";
  return fields;
}

std::vector<double> labels(const fk::plan::program& plan) {
  std::vector<double> told;
  for (const fk::plan::call& c : plan.calls) told.push_back(c.at.label);
  return told;
}

/// What each class needs that its config or options do not give by default.
diffusers_options needed(const json& c) {
  return c.contains("use_dynamic_shifting") ? diffusers_options{.mu = 1.15} : diffusers_options{};
}

/// The normals of a call: 1.2 cos(2.3 (element + 1) + 1.1 (call + 1)), in float32.
struct waves {
  std::vector<std::size_t> call_of;  // by the number that a plan gives them

  explicit waves(const fk::plan::program& plan) {
    for (std::size_t i = 0; i < plan.calls.size(); ++i)
      for (int k = 0; k < plan.calls[i].then.normal_count; ++k) {
        const std::uint32_t id = plan.calls[i].then.normals[static_cast<std::size_t>(k)].id;
        call_of.resize(std::max<std::size_t>(call_of.size(), id + 1));
        call_of[id] = i;
      }
  }
  struct four {
    float z[4] = {};
  };
  [[nodiscard]] four normals(std::uint32_t, std::uint32_t block, const fk::noise_piece& piece) const {
    four of;
    for (std::size_t j = 0; j < 4; ++j)
      of.z[j] = static_cast<float>(1.2 * std::cos(2.3 * static_cast<double>(4 * block + j + 1) +
                                                  1.1 * static_cast<double>(call_of[piece.id] + 1)));
    return of;
  }
};

/// The end of a run from 1.3 sin(1.7 (element + 1)) times the peer's initial scale, by a network 0.7 x + 0.2 sin(2 x) +
/// 0.03 sin(t / 100) of the input x and the label t, that learns the variance tanh(x) / 2.
std::vector<double> end(const fk::interop::diffusers_plan& from) {
  using view = fk::backend::host_view<double>;
  std::vector<double> x{1.3 * std::sin(1.7), 1.3 * std::sin(3.4)};
  for (double& v : x) v *= from.initial_scale * from.of_theirs(from.plan.levels.front());
  const waves noise(from.plan);
  view look{x.data(), {1, x.size()}};
  for (fk::stepper<view, waves> run(from.plan, noise, look, fk::beginning::given); !run.done(); run.advance())
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double v = run.input().data[i];
      run.output(0).data[i] = 0.7 * v + 0.2 * std::sin(2 * v) + 0.03 * std::sin(run.call().at.label / 100);
      if (from.plan.branches > 1) run.output(1).data[i] = std::tanh(v) / 2;
    }
  for (double& v : x) v /= from.of_theirs(from.plan.levels.back());
  return x;
}

}  // namespace

TEST_CASE("every class that is known makes a plan of nothing but its name") {
  for (const auto& k : fk::interop::diffusers_classes::known) {
    INFO(k.name);
    for (const int steps : {1, 2, 3, 7, 20, 39}) {
      if (k.name == "ConsistencyDecoderScheduler" && steps != 2) continue;
      if (k.name == "MiniMaxH3Scheduler" && steps == 1) continue;
      const auto d = diffusers({{"_class_name", k.name}}, steps);
      CHECK(d.scheduler == k.name);
      CHECK(d.plan.steps() == (k.name == "MiniMaxH3Scheduler" ? steps - 1 : steps));  // which counts the data
      CHECK(d.plan.calls.size() >= static_cast<std::size_t>(d.plan.steps()));
      CHECK(d.initial_scale > 0);
      CHECK(d.ignored.empty());
      for (const double label : labels(d.plan)) CHECK(fk::detail::is_finite(label));
    }
  }
}

TEST_CASE("absent fields, null and the default written out are one plan") {
  struct one {
    const char* scheduler;
    json defaults;
  };
  const std::vector<one> classes{
      {"DDIM",
       {{"num_train_timesteps", 1000},
        {"beta_start", 1e-4},
        {"beta_end", 0.02},
        {"beta_schedule", "linear"},
        {"clip_sample", true},
        {"clip_sample_range", 1.0},
        {"set_alpha_to_one", true},
        {"steps_offset", 0},
        {"prediction_type", "epsilon"},
        {"thresholding", false},
        {"timestep_spacing", "leading"},
        {"rescale_betas_zero_snr", false}}},
      {"EulerDiscrete",
       {{"beta_schedule", "linear"},
        {"prediction_type", "epsilon"},
        {"interpolation_type", "linear"},
        {"use_karras_sigmas", false},
        {"timestep_spacing", "linspace"},
        {"timestep_type", "discrete"},
        {"final_sigmas_type", "zero"}}},
      {"DPMSolverMultistep",
       {{"solver_order", 2},
        {"algorithm_type", "dpmsolver++"},
        {"solver_type", "midpoint"},
        {"lower_order_final", true},
        {"euler_at_final", false},
        {"final_sigmas_type", "zero"},
        {"lambda_min_clipped", "-inf"},
        {"use_dynamic_shifting", false},
        {"time_shift_type", "exponential"},
        {"timestep_spacing", "linspace"}}},
      {"UniPCMultistep",
       {{"solver_order", 2},
        {"solver_type", "bh2"},
        {"predict_x0", true},
        {"disable_corrector", json::array()},
        {"lower_order_final", true}}},
      {"FlowMatchEulerDiscrete",
       {{"num_train_timesteps", 1000},
        {"shift", 1.0},
        {"use_dynamic_shifting", false},
        {"invert_sigmas", false},
        {"stochastic_sampling", false}}},
      {"LCM",
       {{"beta_start", 0.00085},
        {"beta_schedule", "scaled_linear"},
        {"original_inference_steps", 50},
        {"timestep_scaling", 10.0}}},
  };
  for (const auto& [scheduler, defaults] : classes) {
    INFO(scheduler);
    const std::string plan = to_text(diffusers(config(scheduler), 8).plan);
    const auto written = diffusers(config(scheduler, defaults), 8);
    CHECK(to_text(written.plan) == plan);
    CHECK(written.ignored.empty());
    json nothing;
    for (const auto& [key, value] : defaults.items()) nothing[key] = nullptr;
    CHECK(to_text(diffusers(config(scheduler, nothing), 8).plan) == plan);
  }
}

TEST_CASE("each field that a class reads changes its plan") {
  struct one {
    const char* scheduler;
    json fields, other;
  };
  const json none = json::object();
  const json flow{{"use_flow_sigmas", true}, {"prediction_type", "flow_prediction"}};
  const json velocity{{"prediction_type", "v_prediction"},
                      {"beta_schedule", "scaled_linear"},
                      {"beta_start", 0.00085},
                      {"beta_end", 0.012}};
  const auto with = [](json a, const json& b) { return a.update(b), a; };
  std::vector<one> cases;
  for (const char* multistep :
       {"DPMSolverMultistep", "DPMSolverSinglestep", "DEISMultistep", "UniPCMultistep", "SASolver"}) {
    for (const json& other : std::vector<json>{{{"num_train_timesteps", 500}},
                                               {{"beta_start", 0.001}},
                                               {{"beta_end", 0.03}},
                                               {{"beta_schedule", "scaled_linear"}},
                                               {{"prediction_type", "v_prediction"}},
                                               {{"prediction_type", "sample"}},
                                               {{"thresholding", true}},
                                               {{"use_karras_sigmas", true}},
                                               {{"use_exponential_sigmas", true}},
                                               {{"use_beta_sigmas", true}},
                                               flow})
      cases.push_back({multistep, none, other});
    cases.push_back(
        {multistep, {{"thresholding", true}}, {{"thresholding", true}, {"dynamic_thresholding_ratio", 0.9}}});
    cases.push_back({multistep, {{"thresholding", true}}, {{"thresholding", true}, {"sample_max_value", 2}}});
    cases.push_back({multistep, flow, with(flow, {{"flow_shift", 3}})});
  }
  for (const char* spaced :
       {"DDIM", "DDPM", "PNDM", "EulerDiscrete", "EulerAncestralDiscrete", "LMSDiscrete", "HeunDiscrete",
        "KDPM2Discrete", "KDPM2AncestralDiscrete", "DPMSolverSDE", "DPMSolverMultistep", "DEISMultistep",
        "UniPCMultistep", "SASolver", "CogVideoXDDIM", "CogVideoXDPM"}) {
    cases.push_back({spaced, none, {{"timestep_spacing", "trailing"}}});
    cases.push_back(
        {spaced, {{"timestep_spacing", "leading"}}, {{"timestep_spacing", "leading"}, {"steps_offset", 1}}});
    cases.push_back({spaced, none, {{"beta_end", 0.015}}});
    cases.push_back({spaced, none, {{"prediction_type", "v_prediction"}}});
  }
  for (const char* zero : {"DDIM", "DDPM", "EulerDiscrete", "EulerAncestralDiscrete", "DPMSolverMultistep",
                           "UniPCMultistep", "CogVideoXDDIM", "LCM", "TCD"})
    cases.push_back({zero, velocity, with(velocity, {{"rescale_betas_zero_snr", true}})});
  const std::vector<one> others{
      {"DDPM", none, {{"variance_type", "fixed_large"}}},
      {"DDPM", none, {{"variance_type", "learned_range"}}},
      {"DDPM", none, {{"clip_sample", false}}},
      {"DDPM", none, {{"clip_sample_range", 2}}},
      {"DDPM", none, {{"beta_schedule", "laplace"}}},
      {"DDPM", none, {{"beta_schedule", "sigmoid"}}},
      {"UnCLIP", none, {{"variance_type", "learned_range"}}},
      {"UnCLIP", none, {{"prediction_type", "sample"}}},
      {"UnCLIP",
       {{"variance_type", "learned_range"}},
       {{"variance_type", "learned_range"}, {"prediction_type", "sample"}}},
      {"UnCLIP", none, {{"clip_sample", false}}},
      {"DDIM", none, {{"set_alpha_to_one", false}}},
      {"DDIM", none, {{"clip_sample", false}}},
      {"DDIM", none, {{"thresholding", true}}},
      {"DDIMInverse", none, {{"clip_sample", false}}},
      {"DDIMInverse", none, {{"set_alpha_to_one", false}}},
      {"CogVideoXDDIM", none, {{"snr_shift_scale", 1}}},
      {"CogVideoXDPM", none, {{"set_alpha_to_one", false}}},
      {"PNDM", none, {{"skip_prk_steps", true}}},
      {"PNDM", none, {{"set_alpha_to_one", true}}},
      {"EulerDiscrete", none, {{"use_karras_sigmas", true}}},
      {"EulerDiscrete", {{"use_karras_sigmas", true}}, {{"use_karras_sigmas", true}, {"sigma_max", 50}}},
      {"EulerDiscrete", {{"use_karras_sigmas", true}}, {{"use_karras_sigmas", true}, {"sigma_min", 0.1}}},
      {"EulerDiscrete", none, {{"interpolation_type", "log_linear"}}},
      {"EulerDiscrete", none, {{"final_sigmas_type", "sigma_min"}}},
      {"EulerDiscrete",
       {{"prediction_type", "v_prediction"}},
       {{"prediction_type", "v_prediction"}, {"timestep_type", "continuous"}}},
      {"LMSDiscrete", none, {{"use_beta_sigmas", true}}},
      {"HeunDiscrete", none, {{"clip_sample", true}}},
      {"HeunDiscrete", none, {{"beta_schedule", "exp"}}},
      {"KDPM2Discrete", none, {{"use_exponential_sigmas", true}}},
      {"DPMSolverMultistep", none, {{"solver_order", 3}}},
      {"DPMSolverMultistep", none, {{"solver_order", 1}}},
      {"DPMSolverMultistep", none, {{"algorithm_type", "sde-dpmsolver++"}}},
      {"DPMSolverMultistep",
       {{"final_sigmas_type", "sigma_min"}},
       {{"final_sigmas_type", "sigma_min"}, {"algorithm_type", "dpmsolver"}}},
      {"DPMSolverMultistep",
       {{"final_sigmas_type", "sigma_min"}},
       {{"final_sigmas_type", "sigma_min"}, {"algorithm_type", "sde-dpmsolver"}}},
      {"DPMSolverMultistep", none, {{"solver_type", "heun"}}},
      {"DPMSolverMultistep", none, {{"final_sigmas_type", "sigma_min"}}},
      {"DPMSolverMultistep",
       {{"final_sigmas_type", "sigma_min"}},
       {{"final_sigmas_type", "sigma_min"}, {"lower_order_final", false}}},
      {"DPMSolverMultistep",
       {{"final_sigmas_type", "sigma_min"}, {"lower_order_final", false}},
       {{"final_sigmas_type", "sigma_min"}, {"lower_order_final", false}, {"euler_at_final", true}}},
      {"DPMSolverMultistep", none, {{"use_lu_lambdas", true}}},
      {"DPMSolverMultistep",
       {{"beta_schedule", "squaredcos_cap_v2"}},
       {{"beta_schedule", "squaredcos_cap_v2"}, {"lambda_min_clipped", -5.1}}},
      {"DPMSolverSinglestep", none, {{"solver_order", 3}}},
      {"DPMSolverSinglestep", {{"solver_order", 3}}, {{"solver_order", 3}, {"solver_type", "heun"}}},
      {"DPMSolverSinglestep", none, {{"algorithm_type", "sde-dpmsolver++"}}},
      {"DPMSolverSinglestep",
       {{"final_sigmas_type", "sigma_min"}},
       {{"final_sigmas_type", "sigma_min"}, {"lower_order_final", true}}},
      {"DPMSolverMultistepInverse", none, {{"solver_order", 3}}},
      {"DPMSolverMultistepInverse", none, {{"use_karras_sigmas", true}}},
      {"DPMSolverMultistepInverse", none, {{"solver_type", "heun"}}},
      {"DPMSolverMultistepInverse", none, {{"lower_order_final", false}}},
      {"DEISMultistep", none, {{"solver_order", 3}}},
      {"DEISMultistep", none, {{"lower_order_final", false}}},
      {"UniPCMultistep", none, {{"solver_order", 3}}},
      {"UniPCMultistep", none, {{"solver_type", "bh1"}}},
      {"UniPCMultistep", none, {{"predict_x0", false}}},
      {"UniPCMultistep", none, {{"disable_corrector", {0, 1}}}},
      {"UniPCMultistep",
       {{"final_sigmas_type", "sigma_min"}},
       {{"final_sigmas_type", "sigma_min"}, {"lower_order_final", false}}},
      {"UniPCMultistep", flow, with(flow, {{"shift_terminal", 0.1}})},
      {"UniPCMultistep", flow, with(flow, {{"final_sigmas_type", "sigma_min"}})},
      {"SASolver", none, {{"predictor_order", 3}}},
      {"SASolver", none, {{"corrector_order", 3}}},
      {"SASolver", none, {{"corrector_order", 0}}},
      {"SASolver", {{"predictor_order", 3}}, {{"predictor_order", 4}}},
      {"SASolver",
       {{"beta_schedule", "squaredcos_cap_v2"}},
       {{"beta_schedule", "squaredcos_cap_v2"}, {"lambda_min_clipped", -1.0}}},
      {"SASolver", none, {{"algorithm_type", "noise_prediction"}}},
      {"SASolver", none, {{"lower_order_final", false}}},
      {"LCM", none, {{"original_inference_steps", 100}}},
      {"LCM", none, {{"timestep_scaling", 1}}},
      {"LCM", none, {{"clip_sample", true}}},
      {"LCM", {{"clip_sample", true}}, {{"clip_sample", true}, {"clip_sample_range", 2}}},
      {"LCM", none, {{"thresholding", true}}},
      {"LCM", {{"thresholding", true}}, {{"thresholding", true}, {"dynamic_thresholding_ratio", 0.9}}},
      {"CMStochasticIterative", none, {{"s_noise", 1.1}}},
      {"LCM", none, {{"prediction_type", "v_prediction"}}},
      {"TCD", none, {{"original_inference_steps", 100}}},
      {"CMStochasticIterative", none, {{"sigma_min", 0.01}}},
      {"CMStochasticIterative", none, {{"sigma_max", 50}}},
      {"CMStochasticIterative", none, {{"sigma_data", 1}}},
      {"CMStochasticIterative", none, {{"rho", 5}}},
      {"CMStochasticIterative", none, {{"clip_denoised", false}}},
      {"CMStochasticIterative", none, {{"num_train_timesteps", 80}}},
      {"SCM", none, {{"sigma_data", 1}}},
      {"SCM", none, {{"max_timesteps", 1.5}}},
      {"EDMEuler", none, {{"sigma_min", 0.01}}},
      {"EDMEuler", none, {{"sigma_max", 50}}},
      {"EDMEuler", none, {{"sigma_data", 1}}},
      {"EDMEuler", none, {{"rho", 5}}},
      {"EDMEuler", none, {{"sigma_schedule", "exponential"}}},
      {"EDMEuler", none, {{"prediction_type", "v_prediction"}}},
      {"EDMEuler", none, {{"final_sigmas_type", "sigma_min"}}},
      {"EDMDPMSolverMultistep", none, {{"solver_order", 3}}},
      {"EDMDPMSolverMultistep", none, {{"algorithm_type", "sde-dpmsolver++"}}},
      {"EDMDPMSolverMultistep", none, {{"thresholding", true}}},
      {"CosineDPMSolverMultistep", none, {{"sigma_schedule", "karras"}}},
      {"CosineDPMSolverMultistep", none, {{"solver_order", 1}}},
      {"FlowMatchEulerDiscrete", none, {{"shift", 3}}},
      {"FlowMatchEulerDiscrete", none, {{"num_train_timesteps", 500}}},
      {"FlowMatchEulerDiscrete", none, {{"use_dynamic_shifting", true}}},
      {"FlowMatchEulerDiscrete",
       {{"use_dynamic_shifting", true}},
       {{"use_dynamic_shifting", true}, {"time_shift_type", "linear"}}},
      {"FlowMatchEulerDiscrete", none, {{"shift_terminal", 0.1}}},
      {"FlowMatchEulerDiscrete", none, {{"use_karras_sigmas", true}}},
      {"FlowMatchEulerDiscrete", none, {{"use_exponential_sigmas", true}}},
      {"FlowMatchEulerDiscrete", none, {{"use_beta_sigmas", true}}},
      {"FlowMatchEulerDiscrete", none, {{"stochastic_sampling", true}}},
      {"FlowMatchHeunDiscrete", none, {{"shift", 3}}},
      {"FlowMatchLCM", none, {{"shift", 3}}},
      {"LTXEulerAncestralRF", none, {{"eta", 0.5}}},
      {"LTXEulerAncestralRF", none, {{"s_noise", 0.5}}},
      {"LTXEulerAncestralRF", none, {{"shift_terminal", 0.1}}},
      {"FlowMatchEulerDiscrete", none, {{"invert_sigmas", true}}}};
  cases.insert(cases.end(), others.begin(), others.end());
  for (const one& c : cases) {
    INFO(c.scheduler << " " << c.fields.dump() << " " << c.other.dump());
    const auto plan = [&](const json& f) { return to_text(diffusers(config(c.scheduler, f), 8, needed(f)).plan); };
    CHECK(plan(c.fields) != plan(c.other));
  }
}

TEST_CASE("plans are those of the library's own parts") {
  // float32's table at whole timesteps; scaled_linear in double has other last digits.
  const auto float32 = [] {
    auto betas = fk::schedule::evenly_spaced_float32(std::sqrt(0.00085), std::sqrt(0.012), 1000);
    for (float& b : betas) b *= b;
    return fk::schedule::float32(betas);
  }();
  const json latent{{"beta_start", 0.00085}, {"beta_end", 0.012}, {"beta_schedule", "scaled_linear"}};
  const auto same = [](const fk::plan::program& a, const fk::plan::program& b) {
    REQUIRE(a.calls.size() == b.calls.size());
    for (std::size_t i = 0; i < a.calls.size(); ++i) {
      const fk::plan::update &u = a.calls[i].then, &v = b.calls[i].then;
      CHECK(a.calls[i].at.label == Approx(b.calls[i].at.label).epsilon(1e-12));
      REQUIRE(u.row_count == v.row_count);
      REQUIRE(u.inputs == v.inputs);
      for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
        for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
          CHECK(u.rows[j].inputs[k] == Approx(v.rows[j].inputs[k]).epsilon(1e-11));  // two ways to the same level
    }
  };
  SECTION("Stable Diffusion's PNDM") {
    json pndm = latent;
    pndm.update({{"skip_prk_steps", true}, {"set_alpha_to_one", false}, {"steps_offset", 1}, {"clip_sample", false}});
    const auto d = diffusers(config("PNDM", pndm), 20);
    same(d.plan, fk::make_plan(float32, fk::parameterization::epsilon{},
                               fk::grid::leading{.steps = 20, .offset = 1, .end = fk::ending::to_last_level},
                               fk::solver::plms{}));
    CHECK(d.ignored == std::vector<std::string>{"clip_sample"});
  }
  SECTION("DPM++ 2M Karras") {
    json dpm = latent;
    dpm.update({{"use_karras_sigmas", true}, {"lower_order_final", false}});
    const auto d = diffusers(config("DPMSolverMultistep", dpm), 20);
    auto levels = fk::grid::karras{.steps = 20}.levels(float32.interpolated(fk::schedule::interpolation::log_ratio));
    for (fk::level& l : levels) l.label = std::nearbyint(l.time);
    same(d.plan, fk::make_plan(float32, fk::parameterization::epsilon{}, fk::grid::explicit_levels{levels},
                               fk::solver::dpmpp_2m{}));
  }
  SECTION("DDPM's clipping comes before its mean") {
    const auto d = diffusers(config("DDPM", latent), 10);
    same(d.plan, fk::make_plan(float32, fk::parameterization::clipped{fk::parameterization::epsilon{}},
                               fk::grid::leading{.steps = 10}, fk::solver::ddpm{}));
  }
}

TEST_CASE("runs end where those of diffusers do") {
  // The loops of diffusers 0.42.1 with torch 2, in float64 on the CPU: `set_timesteps`, then for each of its timesteps
  // `step(network(scale_model_input(x, t), t), t, x)`, the network, the start and the normals being those of `end`.
  struct one {
    const char* scheduler;
    json fields;
    int steps;
    diffusers_options said;
    std::vector<double> x;
  };
  const json none = json::object();
  const std::vector<one> cases{
      {"SASolver", {{"algorithm_type", "noise_prediction"}}, 10, {}, {-0.34321126, -2.7159583}},
      {"SASolver",
       {{"algorithm_type", "noise_prediction"}, {"predictor_order", 3}, {"corrector_order", 4}},
       10,
       {},
       {0.043180725, -1.0615172}},
      {"UniPCMultistep",
       {{"predict_x0", false}, {"thresholding", true}, {"final_sigmas_type", "sigma_min"}},
       10,
       {},
       {3.2330571, -0.2270994}},
      {"CogVideoXDPM", {{"set_alpha_to_one", false}, {"steps_offset", 1}}, 5, {}, {0.38946197, -0.0091321357}},
      {"CogVideoXDPM",
       {{"set_alpha_to_one", false}, {"timestep_spacing", "trailing"}},
       5,
       {},
       {0.42445967, -0.052485906}},
      {"PNDM", none, 28, {}, {2.9727519, -0.12948603}},
      {"PNDM", {{"skip_prk_steps", true}}, 1, {}, {1.2891643, -0.33220343}},
      {"TCD", none, 8, {}, {-0.031931209, 0.040285871}},
      {"TCD", none, 8, {.eta = 0.5}, {-0.1680338, 0.02916533}},
      {"LTXEulerAncestralRF", {{"shift_terminal", 0.1}}, 8, {}, {-0.031055406, -0.0087279445}},
      {"LTXEulerAncestralRF", {{"use_karras_sigmas", true}, {"shift", 2.0}}, 8, {}, {0.053031802, 0.17597017}},
      {"LTXEulerAncestralRF", {{"use_dynamic_shifting", true}}, 8, {.mu = 1.15}, {-0.027019816, -0.11116561}},
      {"LTXEulerAncestralRF", {{"shift", 3.0}}, 4, {.sigmas = {1.0, 0.8, 0.5, 0.2, 0.0}}, {0.053331904, 0.26616567}},
      {"LTXEulerAncestralRF", none, 4, {.sigmas = {1.0, 0.8, 0.5, 0.2}}, {0.075339623, 0.34547966}},
      {"LTXEulerAncestralRF",
       {{"shift_terminal", 0.1}},
       4,
       {.timesteps = {1.0, 0.8, 0.5, 0.2, 0.0}},
       {0.053331904, 0.26616567}},
      {"MiniMaxH3", none, 6, {}, {2.367802, -0.76631671}},
      {"MiniMaxH3", {{"shift", 3.0}}, 2, {}, {2.298369, -0.68806429}},
      {"MiniMaxH3", none, 4, {.sigmas = {0.9, 0.5, 0.2, 0.0}}, {2.2867212, -0.74798249}},
      {"LTXEulerAncestralRF", {{"s_noise", 0.5}}, 8, {}, {0.06403555, -0.067706518}},
      {"FlowMatchEulerDiscrete", {{"shift", 3.0}}, 4, {.timesteps = {1000, 700, 400, 200}}, {0.43565486, -0.097708686}},
      {"FlowMatchEulerDiscrete",
       {{"shift_terminal", 0.1}},
       4,
       {.timesteps = {990, 700, 400, 200}, .sigmas = {0.95, 0.7, 0.3, 0.1}},
       {0.48447227, -0.098567599}},
      {"FlowMatchLCM",
       none,
       4,
       {.timesteps = {990, 700, 400, 200}, .sigmas = {0.95, 0.7, 0.3, 0.1}},
       {-0.045119175, 0.25061405}},
      {"FlowMatchEulerDiscrete", {{"invert_sigmas", true}, {"shift", 3.0}}, 8, {}, {2.4472076, -0.84600534}},
      {"FlowMatchEulerDiscrete",
       {{"invert_sigmas", true}},
       4,
       {.sigmas = {1.0, 0.7, 0.4, 0.2}},
       {2.4388805, -0.82560185}},
      {"FlowMatchEulerDiscrete",
       {{"use_exponential_sigmas", true}, {"sigma_min", 0.05}, {"sigma_max", 0.9}},
       8,
       {},
       {0.53463762, -0.11449381}},
      {"EulerDiscrete",
       {{"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}},
       4,
       {.sigmas = {14.615, 6.475, 0.86, 0.029, 0.0}},
       {2.3318927, -0.083829531}},
      {"EulerDiscrete",
       {{"timestep_spacing", "leading"},
        {"use_karras_sigmas", true},
        {"beta_schedule", "scaled_linear"},
        {"beta_start", 0.00085},
        {"beta_end", 0.012}},
       4,
       {.sigmas = {14.0, 5.0, 1.0, 0.3}},
       {2.8667044, -0.14015018}},
      {"EulerDiscrete",
       {{"prediction_type", "v_prediction"},
        {"timestep_type", "continuous"},
        {"beta_schedule", "scaled_linear"},
        {"beta_start", 0.00085},
        {"beta_end", 0.012}},
       4,
       {.sigmas = {14.0, 5.0, 1.0, 0.3, 0.0}},
       {0.10477438, -0.015304821}},
      {"EDMEuler", none, 4, {.sigmas = {0.0, 0.2, 0.5, 0.9}}, {0.70235959, -0.25728294}},
      {"EDMEuler",
       {{"sigma_schedule", "exponential"}, {"final_sigmas_type", "sigma_min"}},
       4,
       {.sigmas = {0.0, 0.2, 0.5, 0.9}},
       {0.81600779, -0.29908848}},
      {"UniPCMultistep",
       {{"use_flow_sigmas", true}, {"prediction_type", "flow_prediction"}, {"flow_shift", 3.0}},
       4,
       {.sigmas = {1.0, 0.8, 0.5, 0.2}},
       {0.45402152, -0.088749073}},
      {"UniPCMultistep",
       {{"use_flow_sigmas", true},
        {"prediction_type", "flow_prediction"},
        {"shift_terminal", 0.1},
        {"final_sigmas_type", "sigma_min"}},
       4,
       {.sigmas = {0.95, 0.8, 0.5, 0.2}},
       {0.5979191, -0.12917151}},
      {"UniPCMultistep",
       {{"use_flow_sigmas", true}, {"prediction_type", "flow_prediction"}, {"use_karras_sigmas", true}},
       6,
       {},
       {0.51893256, -0.16093758}},
      {"UniPCMultistep",
       {{"use_karras_sigmas", true}, {"sigma_min", 0.1}, {"sigma_max", 50.0}, {"final_sigmas_type", "sigma_min"}},
       5,
       {},
       {1.380559, -0.12622431}},
      {"DEISMultistep", {{"use_exponential_sigmas", true}, {"sigma_min", 0.1}}, 5, {}, {5.4341723, -0.075038085}},
      {"DDPM",
       {{"variance_type", "learned_range"}, {"prediction_type", "v_prediction"}, {"clip_sample", false}},
       5,
       {},
       {0.2849153, -0.10286217}},
      {"DDPM", {{"variance_type", "learned_range"}, {"prediction_type", "sample"}}, 5, {}, {0.045136672, 0.71249737}},
      {"LCM", {{"clip_sample", true}}, 4, {}, {0.22492727, 0.32558786}},
      {"LCM",
       {{"clip_sample", true},
        {"clip_sample_range", 0.3},
        {"timestep_scaling", 0.001},
        {"prediction_type", "v_prediction"}},
       4,
       {},
       {0.44635739, 0.19162327}},
      {"LCM",
       {{"thresholding", true},
        {"dynamic_thresholding_ratio", 0.5},
        {"sample_max_value", 1.2},
        {"prediction_type", "sample"},
        {"timestep_scaling", 0.001}},
       4,
       {},
       {-0.18290183, 1.313224}},
      {"CMStochasticIterative", {{"s_noise", 0.5}}, 4, {}, {-0.095160207, 0.45431017}},
      {"EulerDiscrete",
       {{"rescale_betas_zero_snr", true}, {"timestep_spacing", "trailing"}, {"prediction_type", "v_prediction"}},
       5,
       {},
       {0.0500818, -0.025023021}},
      {"EulerAncestralDiscrete",
       {{"rescale_betas_zero_snr", true}, {"timestep_spacing", "trailing"}, {"prediction_type", "v_prediction"}},
       5,
       {},
       {0.10437918, -0.14173776}},
      {"DPMSolverMultistep",
       {{"rescale_betas_zero_snr", true}, {"timestep_spacing", "trailing"}, {"prediction_type", "v_prediction"}},
       5,
       {},
       {0.078954565, -0.031298322}},
      {"UniPCMultistep",
       {{"rescale_betas_zero_snr", true}, {"timestep_spacing", "trailing"}, {"prediction_type", "v_prediction"}},
       5,
       {},
       {0.089067625, -0.033543395}},
      {"EulerDiscrete",
       {{"rescale_betas_zero_snr", true},
        {"timestep_spacing", "trailing"},
        {"prediction_type", "v_prediction"},
        {"use_karras_sigmas", true}},
       5,
       {},
       {-0.019619519, -0.0085669831}},
      {"DPMSolverMultistep",
       {{"rescale_betas_zero_snr", true},
        {"timestep_spacing", "trailing"},
        {"prediction_type", "v_prediction"},
        {"use_karras_sigmas", true}},
       5,
       {},
       {-0.1426073, 0.10448024}},
      {"DPMSolverSinglestep",
       {{"beta_schedule", "scaled_linear"},
        {"beta_start", 0.00085},
        {"beta_end", 0.012},
        {"timestep_spacing", "leading"},
        {"steps_offset", 1}},
       6,
       {},
       {2.0802908, -0.11636663}},
      {"SASolver",
       {{"use_flow_sigmas", true},
        {"prediction_type", "flow_prediction"},
        {"flow_shift", 3},
        {"use_dynamic_shifting", true}},
       6,
       {},
       {0.56124543, -0.79668459}},
      {"DPMSolverSDE",
       {{"use_exponential_sigmas", true}, {"beta_schedule", "scaled_linear"}, {"sigma_min", 0.02}, {"sigma_max", 10}},
       6,
       {},
       {0.10578614, -0.060582447}},
      {"PNDM", {{"timestep_spacing", "leading"}, {"num_train_timesteps", 400}}, 11, {}, {1.2282207, -0.16059166}},
      {"EulerDiscrete",
       {{"interpolation_type", "log_linear"},
        {"prediction_type", "v_prediction"},
        {"timestep_type", "continuous"},
        {"timestep_spacing", "trailing"}},
       5,
       {},
       {0.0064087729, 0.013975624}},
      {"EulerDiscrete",
       {{"interpolation_type", "log_linear"},
        {"prediction_type", "v_prediction"},
        {"timestep_type", "continuous"},
        {"final_sigmas_type", "sigma_min"}},
       5,
       {},
       {0.0064772177, 0.014129}},
  };
  for (const one& c : cases) {
    INFO(c.scheduler << " " << c.fields.dump() << " " << c.steps);
    const auto got = end(diffusers(config(c.scheduler, c.fields), c.steps, c.said));
    // Scalars of float32, 6e-8 each, are amplified by the first steps, from noises of 157 in some, a hundredfold.
    for (std::size_t i = 0; i < 2; ++i) CHECK(got[i] == Approx(c.x[i]).epsilon(2e-5).margin(2e-5));
  }
}

TEST_CASE("variances of the reverse step are those that diffusers' tests expect") {
  // DDIM's _get_variance(t, previous), DDPM's (t): five digits each, to 1e-5 as in those tests.
  const json c{{"beta_start", 1e-4}, {"beta_end", 0.02}, {"clip_sample", false}};
  const auto variance = [&](double t, double before) {
    const auto d = diffusers(config("DDIM", c), 1, {.timesteps = {t, before}, .eta = 1});
    const double z = d.plan.calls.front().then.rows[0].normals[0];
    return z * z;
  };
  CHECK(variance(420, 400) == Approx(0.14771).margin(1e-5));
  CHECK(variance(980, 960) == Approx(0.32460).margin(1e-5));
  CHECK(variance(487, 486) == Approx(0.00979).margin(1e-5));
  CHECK(variance(999, 998) == Approx(0.02).margin(1e-5));
}

TEST_CASE("where diffusers is plainly wrong, runs end on data all the same") {
  for (const char* variance : {"fixed_large", "learned_range"}) {  // diffusers draws noise on its result
    const auto d = diffusers(config("DDPM", {{"variance_type", variance}, {"timestep_spacing", "trailing"}}), 5);
    CHECK(d.plan.calls.back().at.label == 199);
    CHECK(d.plan.calls.back().then.normal_count == 0);
    CHECK(d.plan.calls[3].then.normal_count == 1);
  }
  // One step by the exponential rule begins at sigma_max, where x is, and not at sigma_min.
  for (const char* name : {"EDMEuler", "EDMDPMSolverMultistep"})
    CHECK(labels(diffusers(config(name, {{"sigma_schedule", "exponential"}}), 1).plan).front() ==
          Approx(0.25 * std::log(80)).epsilon(1e-14));
  CHECK(labels(diffusers(config("UnCLIP"), 1).plan) == std::vector<double>{999});  // diffusers divides by 0
  CHECK(labels(diffusers(config("PNDM"), 1).plan).size() == 4);                    // and needs four steps
}

TEST_CASE("networks of two levels are told both by diffusers' labels") {
  const auto told = [](const json& fields, int steps, const diffusers_options& said) {
    std::vector<double> both;
    for (const fk::plan::call& c : diffusers(config("FlowMapEulerDiscrete", fields), steps, said).plan.calls) {
      REQUIRE(c.to);
      both.push_back(c.at.label), both.push_back(c.to->label);
    }
    return both;
  };
  // diffusers 0.42.1: what timesteps has, and at the end r = 0.
  CHECK(told({}, 2, {}) == std::vector<double>{1000, 500, 500, 0});
  CHECK(told({{"shift", 3.0}}, 2, {}) == std::vector<double>{1000, 750, 750, 0});
  CHECK(told({{"num_train_timesteps", 400}}, 1, {.timesteps = {400, 100}}) == std::vector<double>{400, 100, 100, 0});
  // Timesteps of the program are shifted as well, and its sigmas go before them.
  CHECK(told({{"shift", 3.0}}, 2, {.timesteps = {1000, 500}}) == std::vector<double>{1000, 750, 750, 0});
  CHECK(told({}, 2, {.timesteps = {900, 800}, .sigmas = {1, 0.25}}) == std::vector<double>{1000, 250, 250, 0});
  CHECK_THROWS_WITH(told({}, 2, {.timesteps = {900}, .sigmas = {1, 0.25}}), Contains("sigmas is 2; allowed: as many"));
  CHECK_THROWS_WITH(told({{"shift", 0}}, 2, {}), Contains("shift is 0"));
}

TEST_CASE("zero terminal SNR is exact in the classes that can use it") {
  for (const char* name : {"DDIM", "DDPM", "CogVideoXDDIM", "CogVideoXDPM", "LCM", "TCD"}) {
    INFO(name);
    const json fields{{"rescale_betas_zero_snr", true},
                      {"prediction_type", "v_prediction"},
                      {"timestep_spacing", "trailing"},
                      {"beta_schedule", "scaled_linear"}};
    CHECK(diffusers(config(name, fields), 4).plan.levels.front().alpha == 0);
    CHECK(diffusers(config("DDIMInverse", fields), 4).plan.levels.back().alpha == 0);
  }
}

TEST_CASE("a limit is that of diffusers' formula, whichever field gives it") {
  // sample_max_value is 1, so that dynamic thresholding is clipping to 1.
  for (const char* prediction : {"epsilon", "v_prediction"})
    for (const char* name : {"DDIM", "DDPM", "LCM"}) {
      INFO(name << " " << prediction);
      const auto limited = [&](const char* by) {
        return end(
            diffusers(config(name, {{by, true}, {"prediction_type", prediction}, {"clip_sample", by[0] == 'c'}}), 4));
      };
      const auto clipped = limited("clip_sample"), thresholded = limited("thresholding");
      for (std::size_t i = 0; i < 2; ++i) CHECK(thresholded[i] == Approx(clipped[i]).epsilon(1e-13));
    }
}

TEST_CASE("a learned variance is exact whether or not scalars are rounded") {
  for (const char* name : {"DDPM", "UnCLIP"}) {
    const json fields{{"variance_type", "learned_range"}};
    CHECK(to_text(diffusers(config(name, fields), 6, {.float32 = true}).plan) ==
          to_text(diffusers(config(name, fields), 6).plan));
  }
  // Those two are one method, on the same table.
  const auto unclip = diffusers(config("UnCLIP", {{"variance_type", "learned_range"}}), 6);
  CHECK(to_text(unclip.plan) ==
        to_text(diffusers(config("DDPM", {{"variance_type", "learned_range"}, {"beta_schedule", "squaredcos_cap_v2"}}),
                          6, {.timesteps = labels(unclip.plan)})
                    .plan));
}

TEST_CASE("latent consistency models have the c_skip and c_out of their paper") {
  // c_skip D_0 + c_out D, of (0.5, s t): Luo et al. 2023, here of the last step, onto data. D is the row of the
  // network.
  for (const char* prediction : {"epsilon", "sample", "v_prediction"}) {
    INFO(prediction);
    const auto d = diffusers(config("LCM", {{"prediction_type", prediction}, {"timestep_scaling", 0.001}}), 2,
                             {.timesteps = {999, 400}});
    const fk::level at = d.plan.calls.back().at;
    const double t = 0.4, skip = 0.25 / (t * t + 0.25), out = t / std::sqrt(t * t + 0.25);
    const bool sample = prediction[0] == 's', epsilon = prediction[0] == 'e';
    const double of_x = sample ? 0 : epsilon ? 1 / at.alpha : at.alpha;
    const double of_output = sample ? 1 : epsilon ? -at.sigma / at.alpha : -at.sigma;
    const fk::plan::update& u = d.plan.calls.back().then;
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
      CHECK(
          u.rows[0].inputs[k] ==
          Approx(u.inputs[k].where == fk::plan::operand::output ? out * of_output : skip + out * of_x).epsilon(1e-12));
  }
  for (const double eta : {-0.1, 1.1})
    CHECK_THROWS_WITH(diffusers(config("TCD"), 4, {.eta = eta}), Contains("eta is ") && Contains("allowed: 0 to 1"));
}

TEST_CASE("a consistency model leaves x at the least noise as it is, and begins at the largest") {
  for (const double least : {0.0005, 0.1}) {
    const json fields{{"sigma_min", least}, {"sigma_max", 200}, {"clip_denoised", false}};
    const auto d = diffusers(config("CMStochasticIterative", fields), 40);
    CHECK(d.initial_scale == 200);
    CHECK(d.plan.levels.front().sigma == Approx(200).epsilon(1e-12));
    CHECK(d.plan.calls.back().at.sigma == Approx(least).epsilon(1e-12));
    const fk::plan::update& u = d.plan.calls.back().then;
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
      CHECK(u.rows[0].inputs[k] *
                (u.inputs[k].where == fk::plan::operand::output ? 1 : d.plan.calls.back().input_scale) ==
            Approx(u.inputs[k].where == fk::plan::operand::output ? 0 : 1).margin(1e-10));
  }
}

TEST_CASE("places in the range of EDM are those of Karras's rule, with the config's rho") {
  const auto d = diffusers(config("EDMEuler", {{"rho", 5}}), 2, {.sigmas = {0, 0.5}});
  CHECK(d.plan.levels[1].sigma == Approx(std::pow((std::pow(80, 0.2) + std::pow(0.002, 0.2)) / 2, 5)).epsilon(1e-13));
}

TEST_CASE("the angle that Stable Audio's network is told is that of sigma, whatever the data's deviation") {
  for (const double deviation : {1.0, 0.5})
    CHECK(labels(diffusers(config("CosineDPMSolverMultistep", {{"sigma_data", deviation}}), 5).plan).front() ==
          Approx(std::atan(500) / std::acos(0.0)).epsilon(1e-14));
}

TEST_CASE("SA-Solver's noise is that of timesteps from 200 to 800, both included") {
  const json leading{{"timestep_spacing", "leading"}, {"beta_schedule", "scaled_linear"}};
  const auto inside = diffusers(config("SASolver", leading), 4), all = diffusers(config("SASolver", leading), 9);
  CHECK(labels(inside.plan) == std::vector<double>{800, 600, 400, 200});
  for (const auto& c : inside.plan.calls) CHECK(c.then.normal_count == 1);
  CHECK(labels(all.plan) == std::vector<double>{900, 800, 700, 600, 500, 400, 300, 200, 100});
  CHECK(all.plan.calls.front().then.normal_count == 0);
  CHECK(all.plan.calls.back().then.normal_count == 0);
}

TEST_CASE("another word for data is told as it is") {
  const auto other = diffusers(config("EulerDiscrete", {{"prediction_type", "original_sample"}}), 5);
  CHECK(other.prediction_type == "original_sample");
  CHECK(to_text(other.plan) == to_text(diffusers(config("EulerDiscrete", {{"prediction_type", "sample"}}), 5).plan));
}

TEST_CASE("multistep methods are those of their formulas, and their orders fall at the end of short runs") {
  // Of the midpoint's form, Lu et al. 2022, in diffusers' variables: D_1 and D_2 are differences over r_0 and r_1.
  const auto plain = [](const fk::interop::diffusers_plan& from, int order, bool epsilon, bool lower) {
    std::vector<double> x{1.3 * std::sin(1.7), 1.3 * std::sin(3.4)};
    const auto& levels = from.plan.levels;
    const std::size_t steps = levels.size() - 1;
    const auto gap = [&](std::size_t i) { return fk::log_snr_step(levels[i], levels[i + 1]); };
    for (double& v : x) {
      std::vector<double> m;
      for (std::size_t i = 0; i < steps; ++i) {
        const fk::level &s = levels[i], &t = levels[i + 1];
        m.push_back(0.7 * v + 0.2 * std::sin(2 * v) + 0.03 * std::sin(s.label / 100));
        const double h = epsilon ? -gap(i) : gap(i);  // exp(h) - 1 in the place of 1 - exp(-h)
        const double of = epsilon ? t.sigma : t.alpha, fall = -std::expm1(-h);
        v = (epsilon ? t.alpha / s.alpha : t.sigma / s.sigma) * v + of * fall * m[i];
        const std::size_t most =
            lower ? std::min<std::size_t>(static_cast<std::size_t>(order), steps - i) : static_cast<std::size_t>(order);
        const std::size_t now = std::min(most, i + 1);
        if (now == 1) continue;
        const double r0 = gap(i - 1) / gap(i), first = (m[i] - m[i - 1]) / r0;
        if (now == 2) {
          v += of * fall / 2 * first;
          continue;
        }
        const double r1 = gap(i - 2) / gap(i), earlier = (m[i - 1] - m[i - 2]) / r1;
        v += of * (1 - fall / h) * (first + r0 / (r0 + r1) * (first - earlier)) +
             of * (0.5 - (h - fall) / (h * h)) * (first - earlier) / (r0 + r1);
      }
    }
    return x;
  };
  for (const int order : {2, 3})
    for (const bool epsilon : {false, true})
      for (const int steps : {14, 15}) {
        INFO("order " << order << (epsilon ? " of epsilon, " : " of data, ") << steps << " steps");
        const auto d =
            diffusers(config("DPMSolverMultistep", {{"solver_order", order},
                                                    {"final_sigmas_type", "sigma_min"},
                                                    {"algorithm_type", epsilon ? "dpmsolver" : "dpmsolver++"},
                                                    {"prediction_type", epsilon ? "epsilon" : "sample"}}),
                      steps);
        const auto got = end(d), wanted = plain(d, order, epsilon, steps < 15);
        // Sums of some ten numbers each step, those of epsilon of which grow by 1/alpha, 150 in all.
        for (std::size_t i = 0; i < 2; ++i) CHECK(got[i] == Approx(wanted[i]).epsilon(1e-9));
      }
  // The same rules in other classes, by what the last step reads: x and one prediction, or more.
  struct one {
    const char* scheduler;
    int order;
  };
  for (const one& c : {one{"DEISMultistep", 3}, one{"EDMDPMSolverMultistep", 3}, one{"CosineDPMSolverMultistep", 2}}) {
    INFO(c.scheduler);
    json fields{{"solver_order", c.order}};
    const auto reads = [&](int steps) {
      return diffusers(config(c.scheduler, fields), steps).plan.calls.back().then.input_count;
    };
    if (c.scheduler[0] != 'D') fields["final_sigmas_type"] = "sigma_min";
    CHECK(reads(14) == 2);
    CHECK(reads(15) == 3);  // x with the oldest one before, and the rest
    if (c.scheduler[0] == 'D') continue;
    fields["euler_at_final"] = true;
    CHECK(reads(15) == 2);
  }
}

TEST_CASE("the methods of recipes have the order that they say, and keep so many predictions", "[order]") {
  struct one {
    const char* scheduler;
    json fields;
    int order, history;
    double measured = order;  // where the first step, of order 1 without a corrector, leaves less
  };
  const std::vector<one> cases{
      {"DEISMultistep", {{"solver_order", 1}}, 1, 0},
      {"DEISMultistep", {{"solver_order", 2}}, 2, 1},
      {"DEISMultistep", {{"solver_order", 3}}, 3, 2, 2},
      {"DPMSolverMultistep", {{"solver_order", 2}}, 2, 1},
      {"DPMSolverMultistep", {{"solver_order", 3}}, 2, 2},  // with half of its second difference
      {"UniPCMultistep", {{"solver_order", 1}}, 2, 1},
      {"UniPCMultistep", {{"solver_order", 3}}, 4, 3},
      {"SASolver", {{"predictor_order", 3}, {"corrector_order", 0}}, 3, 2, 2},
      {"SASolver", {{"predictor_order", 1}, {"corrector_order", 4}}, 2, 3},
      {"SASolver", {{"predictor_order", 2}, {"corrector_order", 1}}, 1, 1},
      {"SASolver", {{"predictor_order", 2}, {"corrector_order", 2}}, 2, 1},
  };
  for (const one& c : cases) {
    INFO(c.scheduler << " " << c.fields.dump());
    json fields = config(c.scheduler, c.fields);
    fields["lower_order_final"] = false;
    const diffusers_options none;
    fk::interop::diffusers_classes::reading read(fields, 20, none);
    for (const auto& k : fk::interop::diffusers_classes::known) {
      if (k.name != fields.at("_class_name")) continue;
      const auto solver = k.read(read).solver;
      CHECK(solver.order == c.order);
      CHECK(solver.history == c.history);
      // Of methods of whole orders; some 0.2 are of terms that still fall.
      CHECK(test::measured_order(fk::schedule::edm{}, solver, 64, 3) == Approx(c.measured).epsilon(0).margin(0.3));
    }
  }
}

TEST_CASE("one step is that of diffusers") {
  // diffusers 0.42.1
  CHECK(labels(diffusers(config("DDIM", {{"timestep_spacing", "linspace"}}), 1).plan) == std::vector<double>{0});
  CHECK(labels(diffusers(config("DPMSolverMultistep"), 1).plan) == std::vector<double>{999});
  for (const char* rule : {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"}) {
    const auto inverse = diffusers(config("DPMSolverMultistepInverse", {{rule, true}}), 1);  // it goes nowhere
    CHECK(labels(inverse.plan) == std::vector<double>{0});
    CHECK(inverse.plan.levels.back().ratio() == Approx(inverse.plan.levels.front().ratio()).epsilon(1e-11));
  }
  const auto euler = diffusers(config("EDMEuler", {{"final_sigmas_type", "sigma_min"}}), 1);  // nor does this
  CHECK(euler.plan.levels.back().ratio() == Approx(80).epsilon(1e-11));
  const auto dpm = diffusers(config("EDMDPMSolverMultistep", {{"final_sigmas_type", "sigma_min"}}), 1);
  CHECK(dpm.plan.levels.back().ratio() == 0.002);
}

TEST_CASE("fields that a class does not have change nothing, whatever other classes do with them") {
  const json betas{{"trained_betas", {0.1, 0.2, 0.3}}, {"beta_start", 0.5}, {"num_train_timesteps", 3}};
  struct one {
    const char* scheduler;
    json own, others;
  };
  const std::vector<one> cases{
      {"DPMSolverSinglestep", json::object(), {{"timestep_spacing", "leading"}, {"steps_offset", 1}}},
      {"DPMSolverSinglestep", json::object(), {{"timestep_spacing", "trailing"}}},
      {"SASolver", json::object(), {{"use_dynamic_shifting", true}}},
      {"SASolver", {{"use_flow_sigmas", true}, {"flow_shift", 3}}, {{"use_dynamic_shifting", true}}},
      {"SASolver", {{"use_flow_sigmas", true}, {"flow_shift", 3}}, {{"time_shift_type", "linear"}}},
      {"UnCLIP", {{"num_train_timesteps", 3}}, betas},
      {"DEISMultistep", {{"beta_schedule", "squaredcos_cap_v2"}}, {{"lambda_min_clipped", -1.0}}},
      {"DPMSolverMultistep", {{"use_lu_lambdas", true}}, {{"sigma_min", 0.1}, {"sigma_max", 5}}},
      {"DPMSolverSinglestep", {{"use_karras_sigmas", true}}, {{"timestep_spacing", "leading"}, {"steps_offset", 1}}},
  };
  for (const auto& [scheduler, own, others] : cases) {
    INFO(scheduler << " " << others.dump());
    json both = own;
    both.update(others);
    const auto without = diffusers(config(scheduler, own), 3), with = diffusers(config(scheduler, both), 3);
    CHECK(to_text(with.plan) == to_text(without.plan));
    CHECK(with.ignored.size() + own.size() == both.size());
  }
}

TEST_CASE("labels are the timesteps of diffusers") {
  CHECK(labels(diffusers(config("DDIM", {{"steps_offset", 1}}), 4).plan) == std::vector<double>{751, 501, 251, 1});
  CHECK(labels(diffusers(config("LCM"), 4).plan) == std::vector<double>{999, 759, 499, 259});
  CHECK(labels(diffusers(config("EulerDiscrete", {{"timestep_spacing", "trailing"}}), 4).plan) ==
        std::vector<double>{999, 749, 499, 249});
  CHECK(labels(diffusers(config("UnCLIP"), 25).plan)[1] == 957);
  // diffusers 0.42.1: the middle of a step of Runge and Kutta is a whole timestep, and of one step there is one call
  const auto pndm = labels(diffusers(config("PNDM"), 28).plan);
  CHECK(std::vector<double>(pndm.begin(), pndm.begin() + 5) == std::vector<double>{945, 927, 927, 910, 910});
  const auto uneven = labels(diffusers(config("PNDM", {{"timestep_spacing", "linspace"}}), 11).plan);
  CHECK(std::vector<double>(uneven.begin(), uneven.begin() + 6) == std::vector<double>{999, 944, 944, 899, 899, 844});
  CHECK(labels(diffusers(config("PNDM", {{"skip_prk_steps", true}}), 1).plan) == std::vector<double>{0});
  CHECK(labels(diffusers(config("SCM"), 2).plan) == std::vector<double>{1.57080, 1.3});
  CHECK(labels(diffusers(config("SCM", {{"intermediate_timesteps", 1.2}}), 2).plan) ==
        std::vector<double>{1.57080, 1.2});
  CHECK(labels(diffusers(config("SCM", {{"intermediate_timesteps", 0}}), 2).plan) ==
        std::vector<double>{1.57080, 1.57080 / 2});
  for (const std::vector<double>& said : {std::vector<double>{1.5, 0.8, 0}, std::vector<double>{1.5, 0.8}})
    CHECK(labels(diffusers(config("SCM"), 9, {.timesteps = said}).plan) == std::vector<double>{1.5, 0.8});
  CHECK(labels(diffusers(config("DPMSolverSinglestep"), 9, {.timesteps = {900, 500, 100}}).plan) ==
        std::vector<double>{900, 500, 100});
  CHECK(labels(diffusers(config("DPMSolverMultistep", {{"lambda_min_clipped", 100}}), 1).plan) ==
        std::vector<double>{0});
  const auto flow = labels(diffusers(config("FlowMatchEulerDiscrete", {{"shift", 3.0}}), 28).plan);
  CHECK(flow[0] == 1000);
  CHECK(flow[1] == Approx(987.3806).epsilon(1e-7));  // Stable Diffusion 3 as published; the last is shifted twice
  CHECK(flow[27] == Approx(8.928571).epsilon(1e-7));
}

TEST_CASE("a flow's first sigma is 1 whatever its shift, and no step is lost") {
  for (const double shift : {1e-20, 0.001, 0.1, 0.7, 3.0, 1e9}) {
    INFO(shift);
    const auto d = diffusers(config("FlowMatchEulerDiscrete", {{"shift", shift}}), 3);
    CHECK(d.plan.steps() == 3);
    CHECK(d.plan.levels.front().sigma == 1);
  }
  for (const double mu : {-800.0, 800.0})
    CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete", {{"use_dynamic_shifting", true}}), 3, {.mu = mu}),
                      Contains("shift is"));
}

TEST_CASE("a flow network's sigmas and mu are those of the program") {
  const json flux{{"use_dynamic_shifting", true}, {"shift", 3.0}, {"base_shift", 0.5}, {"max_shift", 1.15}};
  std::vector<double> sigmas;
  for (int i = 0; i < 28; ++i) sigmas.push_back(std::lerp(1, 1.0 / 28, i / 27.0));
  const auto d = diffusers(config("FlowMatchEulerDiscrete", flux), 28, {.sigmas = sigmas, .mu = 1.15});
  // Flux for 4096 tokens, as published.
  CHECK(d.plan.levels[1].sigma == Approx(.9884086).epsilon(1e-6));
  CHECK(d.plan.levels[27].sigma == Approx(.1047209).epsilon(1e-6));
  CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete", flux), 28), Contains("mu is not given"));
  CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete"), 2, {.sigmas = {1.5, 1}}), Contains("sigmas is 1.5"));
  CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete"), 2, {.timesteps = {900}, .sigmas = {1, 0.5}}),
                    Contains("sigmas is 2; allowed: as many as timesteps"));
  CHECK_THROWS_WITH(diffusers(config("LTXEulerAncestralRF"), 2, {.sigmas = {1}}), Contains("sigmas is one"));
  CHECK_THROWS_WITH(diffusers(config("EulerDiscrete"), 2, {.sigmas = {1}}), Contains("sigmas is one"));
  CHECK_THROWS_WITH(diffusers(config("EulerDiscrete"), 2, {.sigmas = {1, -1}}), Contains("sigmas is -1"));
  CHECK_THROWS_WITH(diffusers(config("EDMEuler"), 2, {.sigmas = {80, 0}}), Contains("0 (sigma_max) to 1 (sigma_min)"));
  CHECK_THROWS_WITH(diffusers(config("UniPCMultistep"), 2, {.sigmas = {1, 0.5}}), Contains("sigmas is given"));
  for (const char* name : {"FlowMatchEulerDiscrete", "UniPCMultistep"})
    for (const double out : {0.0, 1.5})
      CHECK_THROWS_WITH(diffusers(config(name, name[0] == 'U' ? json{{"use_flow_sigmas", true}} : json::object()), 2,
                                  {.sigmas = {std::max(out, 1.0), std::min(out, 0.5)}}),
                        Contains("sigmas is " + std::string(out > 1 ? "1.5" : "0") + "; allowed: above 0 and up to 1"));
  // A first sigma of 1 is moved by 1e-6, and no other.
  CHECK(diffusers(config("UniPCMultistep", {{"use_flow_sigmas", true}}), 2, {.sigmas = {0.9995, 0.5}})
            .plan.levels.front()
            .sigma == 0.9995);
}

TEST_CASE("Wan 2.1's levels by UniPC are those published") {
  const auto wan = [](int steps, double shift) {
    return diffusers(config("UniPCMultistep",
                            {{"use_flow_sigmas", true}, {"prediction_type", "flow_prediction"}, {"flow_shift", shift}}),
                     steps);
  };
  const auto d = wan(50, 5);
  // diffusers begins at 1 - 1e-6 instead of 0.999, and falls to 1/1000 in equal steps before the shift
  CHECK(d.plan.levels.front().sigma == 1 - 1e-6);
  CHECK(d.plan.predicts == "flow");
  for (const double l : labels(d.plan)) CHECK(l == std::floor(l));
}

TEST_CASE("a program knows how the peer keeps its latents") {
  const auto euler = diffusers(config("EulerDiscrete"), 10);
  CHECK(euler.over_alpha);
  const fk::plan::call& first = euler.plan.calls.front();
  CHECK(euler.initial_scale == Approx(157.407).epsilon(1e-5));  // diffusers' largest noise of linear betas
  CHECK(euler.of_theirs(first.at) == first.at.alpha);
  CHECK(euler.input_scale(first) == Approx(1 / std::hypot(157.407, 1)).epsilon(1e-5));
  const auto leading = diffusers(config("EulerDiscrete", {{"timestep_spacing", "leading"}}), 10);
  CHECK(leading.initial_scale == Approx(std::hypot(leading.plan.levels.front().ratio(), 1)).epsilon(1e-14));
  const auto ddim = diffusers(config("DDIM"), 10);
  CHECK_FALSE(ddim.over_alpha);
  CHECK(ddim.initial_scale == 1);
  CHECK(ddim.input_scale(ddim.plan.calls.front()) == 1);
  const auto edm = diffusers(config("EDMEuler"), 10);
  CHECK(edm.initial_scale == Approx(std::hypot(80, 1)).epsilon(1e-15));
  CHECK(edm.input_scale(edm.plan.calls.front()) == Approx(1 / std::hypot(80, 0.5)).epsilon(1e-14));
  CHECK(diffusers(config("SCM"), 2).initial_scale == 0.5);  // its pipeline multiplies by sigma_data
  CHECK(edm.prediction_type == "epsilon");
  CHECK(edm.plan.predicts == "edm");
}

TEST_CASE("a run may begin at a later step") {
  for (const char* name : {"DDIM", "DPMSolverMultistep", "DPMSolverSinglestep", "UniPCMultistep", "KDPM2Discrete"}) {
    INFO(name);
    const auto whole = diffusers(config(name), 10), rest = diffusers(config(name), 10, {.begin = 4});
    CHECK(rest.plan.steps() == 6);
    CHECK(rest.plan.levels.front().ratio() == whole.plan.levels[4].ratio());
    CHECK(rest.plan.levels.back().is_data());
  }
  const auto inverse = diffusers(config("DDIMInverse"), 10, {.begin = 4});
  CHECK(labels(inverse.plan) == std::vector<double>{400, 500, 600, 700, 800, 900});
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 10, {.begin = 10}), Contains("begin is 10; allowed: 0 and less than 10"));
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 10, {.begin = -1}), Contains("begin is -1"));
  // Lists of the program have so many steps, whatever number was said: here two.
  const std::vector<double> list{1, 0.5, 0};
  for (const char* name : {"EulerDiscrete", "LTXEulerAncestralRF", "MiniMaxH3"}) {
    INFO(name);
    CHECK(diffusers(config(name), 9, {.sigmas = list, .begin = 1}).plan.steps() == 1);
    CHECK_THROWS_WITH(diffusers(config(name), 9, {.sigmas = list, .begin = 2}),
                      Contains("begin is 2; allowed: 0 and less than 2"));
  }
  CHECK_THROWS_WITH(diffusers(config("DDPMWuerstchen"), 9, {.timesteps = list, .begin = 2}),
                    Contains("begin is 2; allowed: 0 and less than 2"));
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 9, {.timesteps = {900, 100}, .begin = 2}),
                    Contains("begin is 2; allowed: 0 and less than 2"));
  CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete"), 9, {.sigmas = {1, 0.5}, .begin = 2}),
                    Contains("begin is 2; allowed: 0 and less than 2"));
}

TEST_CASE("Wuerstchen's DDPM ends on a mean") {
  const auto d = diffusers(config("DDPMWuerstchen"), 4);
  CHECK(labels(d.plan) == std::vector<double>{1, 0.75, 0.5, 0.25});
  CHECK(d.plan.levels.front().alpha == 0.01);
  CHECK(d.plan.levels.back().alpha == std::sqrt(0.9999));
  for (std::size_t i = 0; i < 4; ++i) CHECK(d.plan.calls[i].then.normal_count == (i < 3 ? 1 : 0));
  // cos^2 of the middle, and of a time moved by the scaler
  const auto square = [](double t) { return std::pow(std::cos((t + 0.008) / 1.008 * std::acos(0.0)), 2); };
  CHECK(std::pow(d.plan.levels[2].alpha, 2) == Approx(square(0.5) / square(0)).epsilon(1e-14));
  const auto scaled = diffusers(config("DDPMWuerstchen", {{"scaler", 2}}), 2);
  CHECK(std::pow(scaled.plan.levels[1].alpha, 2) == Approx(square(0.75) / square(0)).epsilon(1e-14));
  CHECK(labels(scaled.plan) == std::vector<double>{1, 0.5});
  const auto less = diffusers(config("DDPMWuerstchen", {{"scaler", 0.5}}), 4);  // of which the time is its root
  CHECK(std::pow(less.plan.levels[3].alpha, 2) == Approx(square(0.5) / square(0)).epsilon(1e-14));
  CHECK(d.prediction_type == "epsilon");
  const auto said = diffusers(config("DDPMWuerstchen"), 9, {.timesteps = {1, 0.3, 0}});
  CHECK(labels(said.plan) == std::vector<double>{1, 0.3});
  CHECK_THROWS_WITH(diffusers(config("DDPMWuerstchen"), 9, {.timesteps = {1.5, 0.3}}),
                    Contains("timesteps is 1.5; allowed: 0 to 1"));
  CHECK_THROWS_WITH(diffusers(config("DDPMWuerstchen"), 9, {.timesteps = {0.3, -0.5}}),
                    Contains("timesteps is -0.5; allowed: 0 to 1"));
}

TEST_CASE("the consistency decoder is preconditioned as EDM's network, on its table") {
  const auto d = diffusers(config("ConsistencyDecoder"), 2);
  CHECK(labels(d.plan) == std::vector<double>{1008, 512});
  const fk::plan::call& last = d.plan.calls.back();
  const double ratio = last.at.ratio(), total = ratio * ratio + 0.25;
  // c_in, c_skip and c_out of x, alpha^2 + sigma^2 being 1; the update reads x times c_in
  CHECK(last.input_scale == Approx(1 / last.at.alpha / std::sqrt(total)).epsilon(1e-12));
  const fk::plan::update& u = last.then;
  const auto weight = [&](fk::plan::operand::place place) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
      if (u.inputs[k].where == place) return u.rows[0].inputs[k];
    return 0.0;
  };
  CHECK(weight(fk::plan::operand::buffer) * last.input_scale == Approx(0.25 / last.at.alpha / total).epsilon(1e-12));
  CHECK(weight(fk::plan::operand::output) == Approx(ratio * 0.5 / std::sqrt(total)).epsilon(1e-12));
  CHECK(d.initial_scale == d.plan.levels.front().sigma);
  CHECK_THROWS_WITH(diffusers(config("ConsistencyDecoder"), 4), Contains("steps is 4; allowed: 2"));
}

TEST_CASE("guidance and previews are those of make_plan") {
  const auto d = diffusers(config("EulerDiscrete"), 3, {.preview = true}, fk::guidance::classifier_free{.scale = 5});
  CHECK(d.plan.branches == 2);
  CHECK(d.plan.preview);
  CHECK(d.plan.with(fk::guidance::classifier_free{.scale = 3}).branches == 2);
}

TEST_CASE("timesteps of the program go before the config's, where the class takes them") {
  const auto d = diffusers(config("EulerDiscrete"), 50, {.timesteps = {999, 500.5, 3}});
  CHECK(labels(d.plan) == std::vector<double>{999, 500.5, 3});
  CHECK_THROWS_WITH(
      diffusers(config("PNDM"), 3, {.timesteps = {999, 1}}),
      Contains("timesteps is given; allowed: not given: PNDMScheduler does not take it with this config"));
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 3, {.sigmas = {1, 0.5}}), Contains("sigmas is given"));
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 3, {.mu = 1}), Contains("mu is given"));
  CHECK_THROWS_WITH(diffusers(config("EulerDiscrete"), 3, {.eta = 1}), Contains("eta is given"));
  CHECK_THROWS_WITH(diffusers(config("DDIM"), 3, {.timesteps = {1000}}), Contains("time is 1000"));
  CHECK_THROWS_AS(diffusers(config("DDIM"), 3, {.timesteps = {1, 2}}), std::invalid_argument);
  // With zero terminal SNR timestep 998 has more noise than the 4096 of the last one.
  const json zero{{"rescale_betas_zero_snr", true}};
  CHECK(diffusers(config("EulerDiscrete", zero), 2, {.timesteps = {999, 900}}).plan.steps() == 2);
  CHECK_THROWS_WITH(diffusers(config("EulerDiscrete", zero), 2, {.timesteps = {999, 998}}),
                    Contains("sigma/alpha is 15406"));
}

TEST_CASE("fields of other classes are ignored and told, those of none are refused") {
  // Stable Diffusion XL's own file.
  const json sdxl{{"_class_name", "EulerDiscreteScheduler"},
                  {"_diffusers_version", "0.19.0.dev0"},
                  {"beta_end", 0.012},
                  {"beta_schedule", "scaled_linear"},
                  {"beta_start", 0.00085},
                  {"clip_sample", false},
                  {"interpolation_type", "linear"},
                  {"num_train_timesteps", 1000},
                  {"prediction_type", "epsilon"},
                  {"sample_max_value", 1.0},
                  {"set_alpha_to_one", false},
                  {"skip_prk_steps", true},
                  {"steps_offset", 1},
                  {"timestep_spacing", "leading"},
                  {"trained_betas", nullptr},
                  {"use_karras_sigmas", false}};
  const auto d = diffusers(sdxl, 30);
  CHECK(d.ignored == std::vector<std::string>{"clip_sample", "sample_max_value", "set_alpha_to_one", "skip_prk_steps"});
  CHECK(labels(d.plan).front() == 958);
  CHECK(d.initial_scale == Approx(std::hypot(d.plan.levels.front().ratio(), 1)));
  for (const std::string_view field : fk::interop::diffusers_classes::elsewhere)
    CHECK_NOTHROW(diffusers(config("IPNDM", {{std::string(field), nullptr}}), 3));
  CHECK_THROWS_WITH(diffusers(config("DDIM", {{"beta_ende", 0.1}}), 3),
                    Contains("beta_ende is 0.1; allowed: the fields of diffusers' classes"));
}

// The arguments of each class's __init__ in diffusers 0.42.1.
TEST_CASE("no field that a class has itself is told as ignored") {
  const std::string table = "num_train_timesteps beta_start beta_end beta_schedule trained_betas ",
                    limit = "thresholding dynamic_thresholding_ratio sample_max_value ",
                    spaced = "timestep_spacing steps_offset ",
                    spread = "use_karras_sigmas use_exponential_sigmas use_beta_sigmas ";
  struct one {
    const char* scheduler;
    std::string fields;
  };
  const std::vector<one> classes{
      {"CMStochasticIterative", "clip_denoised num_train_timesteps rho s_noise sigma_data sigma_max sigma_min"},
      {"CogVideoXDDIM", table + spaced +
                            "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr sample_max_value "
                            "set_alpha_to_one snr_shift_scale"},
      {"CogVideoXDPM", table + spaced +
                           "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr sample_max_value "
                           "set_alpha_to_one snr_shift_scale"},
      {"ConsistencyDecoder", "num_train_timesteps sigma_data"},
      {"CosineDPMSolverMultistep",
       "euler_at_final final_sigmas_type lower_order_final num_train_timesteps prediction_type rho sigma_data "
       "sigma_max sigma_min sigma_schedule solver_order solver_type"},
      {"DDIM", table + limit + spaced +
                   "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr set_alpha_to_one"},
      {"DDIMInverse",
       table + spaced + "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr set_alpha_to_one"},
      {"DDIMParallel", table + limit + spaced +
                           "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr set_alpha_to_one"},
      {"DDPM",
       table + limit + spaced + "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr variance_type"},
      {"DDPMParallel",
       table + limit + spaced + "clip_sample clip_sample_range prediction_type rescale_betas_zero_snr variance_type"},
      {"DDPMWuerstchen", "s scaler"},
      {"DEISMultistep", table + limit + spaced + spread +
                            "algorithm_type flow_shift lower_order_final prediction_type solver_order solver_type "
                            "time_shift_type use_dynamic_shifting use_flow_sigmas"},
      {"DPMSolverMultistep", table + limit + spaced + spread +
                                 "algorithm_type euler_at_final final_sigmas_type flow_shift lambda_min_clipped "
                                 "lower_order_final prediction_type rescale_betas_zero_snr solver_order solver_type "
                                 "time_shift_type use_dynamic_shifting use_flow_sigmas use_lu_lambdas variance_type"},
      {"DPMSolverMultistepInverse", table + limit + spaced + spread +
                                        "algorithm_type euler_at_final flow_shift lambda_min_clipped lower_order_final "
                                        "prediction_type solver_order solver_type use_flow_sigmas variance_type"},
      {"DPMSolverSDE", table + spaced + spread + "noise_sampler_seed prediction_type"},
      {"DPMSolverSinglestep",
       table + limit + spread +
           "algorithm_type final_sigmas_type flow_shift lambda_min_clipped lower_order_final prediction_type "
           "solver_order solver_type time_shift_type use_dynamic_shifting use_flow_sigmas variance_type"},
      {"EDMDPMSolverMultistep",
       limit + "algorithm_type euler_at_final final_sigmas_type lower_order_final num_train_timesteps prediction_type "
               "rho sigma_data sigma_max sigma_min sigma_schedule solver_order solver_type"},
      {"EDMEuler",
       "final_sigmas_type num_train_timesteps prediction_type rho sigma_data sigma_max sigma_min sigma_schedule"},
      {"EulerAncestralDiscrete", table + spaced + "prediction_type rescale_betas_zero_snr"},
      {"EulerDiscrete", table + spaced + spread +
                            "final_sigmas_type interpolation_type prediction_type rescale_betas_zero_snr sigma_max "
                            "sigma_min timestep_type"},
      {"FlowMapEulerDiscrete", "num_train_timesteps shift"},
      {"FlowMatchEulerDiscrete",
       spread + "base_image_seq_len base_shift invert_sigmas max_image_seq_len max_shift num_train_timesteps shift "
                "shift_terminal stochastic_sampling time_shift_type use_dynamic_shifting"},
      {"FlowMatchHeunDiscrete", "num_train_timesteps shift"},
      {"FlowMatchLCM",
       spread + "base_image_seq_len base_shift invert_sigmas max_image_seq_len max_shift num_train_timesteps "
                "scale_factors shift shift_terminal time_shift_type upscale_mode use_dynamic_shifting"},
      {"HeunDiscrete", table + spaced + spread + "clip_sample clip_sample_range prediction_type"},
      {"IPNDM", "num_train_timesteps trained_betas"},
      {"KDPM2AncestralDiscrete", table + spaced + spread + "prediction_type"},
      {"KDPM2Discrete", table + spaced + spread + "prediction_type"},
      {"LCM", table + limit + spaced +
                  "clip_sample clip_sample_range original_inference_steps prediction_type rescale_betas_zero_snr "
                  "set_alpha_to_one timestep_scaling"},
      {"LMSDiscrete", table + spaced + spread + "prediction_type"},
      {"LTXEulerAncestralRF", "eta num_train_timesteps s_noise"},
      {"MiniMaxH3", "shift"},
      {"PNDM", table + spaced + "prediction_type set_alpha_to_one skip_prk_steps"},
      {"SASolver", table + limit + spaced + spread +
                       "algorithm_type corrector_order flow_shift lambda_min_clipped lower_order_final prediction_type "
                       "predictor_order tau_func use_flow_sigmas variance_type"},
      {"SCM", "num_train_timesteps prediction_type sigma_data"},
      {"TCD", table + limit + spaced +
                  "clip_sample clip_sample_range original_inference_steps prediction_type rescale_betas_zero_snr "
                  "set_alpha_to_one timestep_scaling"},
      {"UnCLIP", "beta_schedule clip_sample clip_sample_range num_train_timesteps prediction_type variance_type"},
      {"UniPCMultistep", table + limit + spaced + spread +
                             "disable_corrector final_sigmas_type flow_shift lower_order_final predict_x0 "
                             "prediction_type rescale_betas_zero_snr shift_terminal sigma_max sigma_min solver_order "
                             "solver_p solver_type time_shift_type use_dynamic_shifting use_flow_sigmas"},
  };
  CHECK(classes.size() == fk::interop::diffusers_classes::known.size());
  for (const auto& [scheduler, names] : classes) {
    json own;
    std::istringstream words(names);
    for (std::string name; words >> name;) own[name] = nullptr;
    for (const char* rule : {"", "use_karras_sigmas", "use_flow_sigmas"}) {
      if (*rule != 0 && !own.contains(rule)) continue;
      if (rule == std::string("use_flow_sigmas") && scheduler == std::string("DPMSolverMultistepInverse")) continue;
      json fields = own;
      if (*rule != 0) fields[rule] = true;
      INFO(scheduler << " " << rule);
      CHECK(diffusers(config(scheduler, fields), 2).ignored == std::vector<std::string>{});
      if (*rule == 0 && fields.contains("timestep_spacing") && scheduler != std::string("PNDM") &&
          scheduler != std::string("DDIMInverse") && scheduler != std::string("DPMSolverMultistepInverse"))
        CHECK(diffusers(config(scheduler, fields), 2, {.timesteps = {900, 500}}).ignored == std::vector<std::string>{});
      // What one class has, another one may carry on.
      for (const auto& [name, value] : own.items()) CHECK_NOTHROW(diffusers(config("IPNDM", {{name, nullptr}}), 2));
    }
  }
}

TEST_CASE("no field that changes a run is ignored") {
  // diffusers reads the ends of a rule of noises from configs that carry them on to classes that have no such fields.
  for (const char* name : {"HeunDiscrete", "LMSDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete", "DPMSolverSDE",
                           "DPMSolverMultistep", "DPMSolverSinglestep", "DEISMultistep", "SASolver", "FlowMatchLCM"})
    for (const char* rule : {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"}) {
      INFO(name << " " << rule);
      const std::string of = std::string(name) + rule;
      if (of == "LMSDiscreteuse_karras_sigmas" || of == "DPMSolverSDEuse_karras_sigmas") continue;  // they do not
      const auto d = diffusers(config(name, {{rule, true}, {"sigma_min", 0.1}, {"sigma_max", 0.9}}), 5);
      CHECK(d.ignored.empty());
      CHECK(d.plan.levels.front().ratio() == Approx(name == std::string("FlowMatchLCM") ? 9 : 0.9).epsilon(1e-12));
      CHECK(diffusers(config(name, {{"sigma_min", 0.1}}), 5).ignored == std::vector<std::string>{"sigma_min"});
    }
  for (const char* field : {"shift", "shift_terminal", "use_karras_sigmas", "use_dynamic_shifting"})
    CHECK(diffusers(config("LTXEulerAncestralRF", {{field, nullptr}}), 5).ignored.empty());
}

TEST_CASE("unknown classes and values are refused by name, with what is known") {
  CHECK_THROWS_WITH(diffusers(config("Unheard"), 3),
                    Contains("_class_name is \"UnheardScheduler\"") && Contains("CMStochasticIterativeScheduler, ") &&
                        Contains("DDIMScheduler") && Contains("UniPCMultistepScheduler"));
  CHECK_THROWS_WITH(diffusers(config("VQDiffusion"), 3), Contains("_class_name is \"VQDiffusionScheduler\"; allowed: "
                                                                  "another class; it samples tokens"));
  for (const char* rest :  // of the schedulers of diffusers 0.42.1
       {"Amused", "BlockRefinement", "DiscreteDDIM", "EntropyBound", "HeliosDMD", "Helios", "KarrasVe", "Piflow",
        "RFD4Proteina", "RePaint", "ScoreSdeVe", "ScoreSdeVp", "VQDiffusion"})
    CHECK_THROWS_WITH(diffusers(config(rest), 3), Contains("allowed: another class; "));
  for (const auto& refused : fk::interop::diffusers_classes::refused) {
    CHECK_THROWS_WITH(diffusers({{"_class_name", refused.name}}, 3), Contains(std::string(refused.why)));
    for (const auto& known : fk::interop::diffusers_classes::known) CHECK(refused.name != known.name);
  }
  CHECK_THROWS_WITH(diffusers(json::object(), 3), Contains("_class_name is not given; allowed: CM"));
  CHECK_THROWS_WITH(diffusers({{"_class_name", 3}}, 3), Contains("_class_name is 3; allowed: CM"));
  CHECK_THROWS_WITH(diffusers({{"_class_name", "\xff"}}, 3), Contains("allowed: CM"));
  CHECK_THROWS_AS(diffusers(config("DDIM", {{"\xff", "\xff"}}), 3), std::invalid_argument);
  const json deep =
      fk::interop::parse_config("{\"_class_name\": \"DDIMScheduler\", \"beta_end\": " + std::string(50'000, '[') +
                                std::string(50'000, ']') + "}");
  CHECK_THROWS_WITH(diffusers(deep, 3), Contains("beta_end is a list of 1; allowed: a number"));
  CHECK_THROWS_WITH(diffusers(json::array(), 3), Contains("a JSON object"));
  struct refusal {
    const char* scheduler;
    json fields;
    const char* text;
  };
  const std::vector<refusal> refusals{
      {"DDIM", {{"prediction_type", "noise"}}, "prediction_type is \"noise\"; allowed: epsilon, sample, v_prediction"},
      {"DDIM", {{"clip_sample", 1}}, "clip_sample is 1; allowed: true or false"},
      {"DDIM", {{"clip_sample_range", 0}}, "clip_sample_range is 0"},
      {"DDIM", {{"thresholding", true}, {"dynamic_thresholding_ratio", 1.5}}, "dynamic_thresholding_ratio is 1.5"},
      {"DDIM",
       {{"rescale_betas_zero_snr", true}, {"timestep_spacing", "trailing"}},
       "does not determine data"},  // nor does it in diffusers
      {"DDPM", {{"variance_type", "learned"}}, "variance_type is \"learned\""},
      {"DDPM", {{"variance_type", "fixed_large_log"}}, "variance_type is \"fixed_large_log\""},
      {"UnCLIP", {{"beta_schedule", "linear"}}, "beta_schedule is \"linear\""},
      {"IPNDM", {{"trained_betas", {0.5}}}, "trained_betas is [0.5]"},
      {"DDIM",
       {{"trained_betas", std::vector<double>(2000, 0.5)}},
       "trained_betas is a list of 2000; allowed: num_train_timesteps numbers"},
      {"FlowMatchEulerDiscrete", {{"shift", 1e300}}, "sigma/alpha"},
      {"LCM", {{"original_inference_steps", 2}}, "steps is 3; allowed: 1 to 2"},
      {"DPMSolverMultistep", {{"solver_order", 4}}, "solver_order is 4; allowed: a whole number from 1 to 3"},
      {"DPMSolverMultistep", {{"algorithm_type", "dpmsolver"}}, "final_sigmas_type is not given; allowed: sigma_min"},
      {"DPMSolverMultistep", {{"algorithm_type", "sde-dpmsolver"}, {"solver_order", 3}}, "from 1 to 2"},
      {"DPMSolverMultistep", {{"use_flow_sigmas", true}, {"use_karras_sigmas", true}}, "use_flow_sigmas is true"},
      {"DPMSolverMultistep", {{"prediction_type", "flow_prediction"}}, "flow_prediction with use_flow_sigmas alone"},
      {"DPMSolverMultistep", {{"use_flow_sigmas", true}, {"use_dynamic_shifting", true}}, "mu is not given"},
      {"UniPCMultistep", {{"use_flow_sigmas", true}, {"use_beta_sigmas", true}}, "use_flow_sigmas is true"},
      {"UniPCMultistep", {{"use_flow_sigmas", true}, {"shift_terminal", 1}}, "shift_terminal is 1"},
      {"UniPCMultistep", {{"use_flow_sigmas", true}, {"use_dynamic_shifting", true}}, "mu is not given"},
      {"UniPCMultistep", {{"solver_p", "x"}}, "solver_p is \"x\"; allowed: null"},
      {"SASolver", {{"tau_func", 1}}, "tau_func is 1; allowed: null"},
      {"DPMSolverMultistepInverse", {{"algorithm_type", "sde-dpmsolver++"}}, "algorithm_type is"},
      {"EDMEuler", {{"sigma_min", 90}}, "sigma_min is 90"},
      {"FlowMatchEulerDiscrete",
       {{"invert_sigmas", true}, {"stochastic_sampling", true}},
       "invert_sigmas is true; allowed: false with stochastic_sampling"},
      {"FlowMatchLCM", {{"invert_sigmas", true}}, "invert_sigmas is true; allowed: false"},
      {"LTXEulerAncestralRF", {{"invert_sigmas", true}}, "invert_sigmas is true; allowed: false"},
      {"DPMSolverMultistepInverse", {{"use_karras_sigmas", true}, {"sigma_min", 0.1}}, "sigma_min is 0.1"},
      {"FlowMatchEulerDiscrete", {{"shift_terminal", 2}}, "shift_terminal is 2"},
      {"FlowMatchEulerDiscrete",
       {{"use_karras_sigmas", true}, {"sigma_max", 10}},
       "sigma_max is 10; allowed: above 0 and up to 1"},
      {"MiniMaxH3", {{"shift", 0}}, "shift is 0"},
      {"FlowMatchLCM", {{"scale_factors", {1}}}, "scale_factors is [1]; allowed: null"},
      {"EulerDiscrete", {{"sigma_min", -1}}, "sigma_min is -1"},
      {"LCM", {{"original_inference_steps", 1001}}, "original_inference_steps is 1001; allowed: a whole number from 1"},
      {"CMStochasticIterative", {{"num_train_timesteps", 1}}, "num_train_timesteps is 1; allowed: a whole number from"},
      {"CMStochasticIterative", {{"num_train_timesteps", 2}}, "steps is 3; allowed: 1 to 2"},
      {"ConsistencyDecoder", {{"num_train_timesteps", 1008}}, "num_train_timesteps is 1008"},
      {"UnCLIP", {{"num_train_timesteps", 2}}, "steps is 3; allowed: 1 to 2"},
      {"DEISMultistep", {{"num_train_timesteps", 2}, {"use_flow_sigmas", true}}, "steps is 3; allowed: 1 to 2"},
      {"EDMDPMSolverMultistep", {{"algorithm_type", "sde-dpmsolver++"}, {"solver_order", 3}}, "from 1 to 2"},
      {"DEISMultistep", {{"solver_order", 4}}, "from 1 to 3"},
      {"SASolver", {{"predictor_order", 5}}, "predictor_order is 5; allowed: a whole number from 1 to 4"},
      {"SASolver", {{"corrector_order", 5}}, "corrector_order is 5; allowed: a whole number from 0 to 4"},
      {"UniPCMultistep", {{"shift_terminal", 0.1}}, "shift_terminal is 0.1; allowed: null"},
      {"FlowMatchEulerDiscrete", {{"shift_terminal", -0.1}}, "shift_terminal is -0.1"},
  };
  for (const auto& [scheduler, fields, text] : refusals) {
    INFO(scheduler << " " << fields.dump());
    CHECK_THROWS_AS(diffusers(config(scheduler, fields), 3), std::invalid_argument);
    CHECK_THROWS_WITH(diffusers(config(scheduler, fields), 3), Contains(text));
  }
}

// Its numbers are 0 to a program that -ffast-math lets flush them.
TEST_CASE("a shift that loses a sigma is refused", "[bits]") {
  CHECK_THROWS_WITH(diffusers(config("FlowMatchEulerDiscrete", {{"shift", 5e-324}}), 3),
                    Contains("shift is 5e-324; allowed: a number that leaves sigmas above 0"));
  CHECK_THROWS_WITH(diffusers(config("FlowMatchHeunDiscrete", {{"shift", 1e-308}}), 3), Contains("shift is 1e-308"));
}

TEST_CASE("no class takes steps below 1, or more than memory holds") {
  for (const auto& k : fk::interop::diffusers_classes::known) {
    INFO(k.name);
    for (const int steps : {0, -1, 2'000'000'000})
      for (const char* rule : {"use_karras_sigmas", "use_flow_sigmas"})
        for (const bool used : {false, true})
          CHECK_THROWS_WITH(diffusers({{"_class_name", k.name}, {rule, used}}, steps),
                            Contains("steps is ") || Contains("use_flow_sigmas is true"));
  }
}

// diffusers picks them, one more than there are steps, out of the table's thousand.
TEST_CASE("inversion takes as many steps as the table has pairs of neighbours") {
  CHECK(diffusers(config("DPMSolverMultistepInverse"), 999).plan.steps() == 999);
  CHECK_THROWS_WITH(diffusers(config("DPMSolverMultistepInverse"), 1000), Contains("steps is 1000; allowed: 1 to 999"));
}

TEST_CASE("a flow of one timestep tells its network sigma") {
  for (const char* name : {"FlowMatchEulerDiscrete", "FlowMatchHeunDiscrete", "FlowMapEulerDiscrete"})
    CHECK(labels(diffusers(config(name, {{"num_train_timesteps", 1}}), 1).plan).front() == 1);
}

TEST_CASE("the most noise of zero terminal SNR is that of the last timestep") {
  // Of these betas the one before has less noise than 4096, which diffusers then puts into the table.
  const json fields{{"beta_schedule", "scaled_linear"},
                    {"beta_start", 0.00085},
                    {"beta_end", 0.012},
                    {"rescale_betas_zero_snr", true},
                    {"prediction_type", "v_prediction"},
                    {"use_karras_sigmas", true}};
  for (const char* name : {"EulerDiscrete", "DPMSolverMultistep", "UniPCMultistep"}) {
    INFO(name);
    const auto d = diffusers(config(name, fields), 5);
    CHECK(labels(d.plan).front() == Approx(999).epsilon(1e-9));                           // Euler's is not rounded
    CHECK(d.plan.levels.front().ratio() == Approx(std::sqrt(0x1p24 - 1)).epsilon(1e-6));  // of alpha^2 in float32
  }
}

TEST_CASE("a config is read from its text, with Python's infinity") {
  const auto c =
      fk::interop::parse_config(R"({"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity})");
  CHECK(to_text(diffusers(c, 5).plan) == to_text(diffusers(config("DPMSolverMultistep"), 5).plan));
}

// What diffusers 0.42.1 has, of numpy 2.4.6 and torch 2.15.
TEST_CASE("labels of flows are cut off where diffusers cuts them off") {
  const json flow{{"use_flow_sigmas", true}};
  for (const char* name : {"DEISMultistep", "SASolver"})
    CHECK(labels(diffusers(config(name, flow), 12).plan) ==
          std::vector<double>{999, 915, 832, 749, 666, 582, 499, 416, 332, 249, 166, 83});
  CHECK(labels(diffusers(config("UniPCMultistep", flow), 12).plan) ==
        std::vector<double>{999, 916, 833, 750, 667, 583, 500, 417, 333, 250, 167, 84});
  json terminal = flow;
  terminal["flow_shift"] = 3;
  terminal["shift_terminal"] = 0.02;
  CHECK(labels(diffusers(config("UniPCMultistep", terminal), 4).plan) == std::vector<double>{999, 803, 509, 19});
}

TEST_CASE("in the middle of noises below those of the table the network is told the first timestep") {
  const json low{{"use_exponential_sigmas", true}, {"sigma_min", 0.01}, {"sigma_max", 0.02}};
  for (const char* name : {"DPMSolverSDE", "KDPM2Discrete", "KDPM2AncestralDiscrete"})
    for (const double label : labels(diffusers(config(name, low), 4).plan)) CHECK(label == 0);
}

TEST_CASE("timesteps of spread noises are those of float32 logarithms") {
  const json sd{{"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}};
  for (const char* scheduler : {"DPMSolverMultistep", "UniPCMultistep"}) {
    json fields = sd;
    fields["use_exponential_sigmas"] = true;
    CHECK(labels(diffusers(config(scheduler, fields), 10).plan) ==
          std::vector<double>{998, 874, 723, 538, 329, 152, 52, 14, 2, 0});
    fields = sd;
    fields["use_beta_sigmas"] = true;
    CHECK(labels(diffusers(config(scheduler, fields), 10).plan) ==
          std::vector<double>{998, 991, 972, 943, 902, 841, 746, 583, 257, 0});
    CHECK(labels(diffusers(config(scheduler, {{"use_exponential_sigmas", true}}), 10).plan).front() == 999);
  }
}

TEST_CASE("Lu's noises are told by the nearest timesteps") {
  const auto d = diffusers(config("DPMSolverMultistep", {{"use_lu_lambdas", true}}), 9);
  for (std::size_t i = 0; i < 9; ++i) CHECK(d.plan.levels[i].label == std::nearbyint(d.plan.levels[i].time));
}

TEST_CASE("the first of Lu's noises is that of the last timestep, for it is spread by the logarithms themselves") {
  const json fields{{"beta_schedule", "squaredcos_cap_v2"}, {"use_lu_lambdas", true}};
  CHECK(labels(diffusers(config("DPMSolverMultistep", fields), 8).plan) ==
        std::vector<double>{999, 998, 996, 979, 838, 269, 26, 0});
}

TEST_CASE("flows that end on sigma_min end where diffusers puts a ratio for a sigma") {
  const json fields{{"use_flow_sigmas", true}, {"final_sigmas_type", "sigma_min"}};
  for (const char* scheduler : {"DPMSolverMultistep", "DPMSolverSinglestep"}) {
    const fk::level last = diffusers(config(scheduler, fields), 5).plan.levels.back();
    CHECK(last.sigma == Approx(0.010001329705119133).epsilon(1e-7));
    CHECK(last.alpha == 1 - last.sigma);
  }
}

TEST_CASE("noises from data are told by timesteps that come once, before they are cut off") {
  const json cosine{{"beta_schedule", "squaredcos_cap_v2"}, {"use_exponential_sigmas", true}};
  CHECK(
      labels(diffusers(config("DPMSolverMultistepInverse", cosine), 20).plan) ==
      std::vector<double>{0, 3, 12, 35, 86, 195, 393, 639, 820, 916, 961, 981, 991, 995, 997, 998, 998, 998, 998, 998});
  const auto beta = labels(diffusers(config("DPMSolverMultistepInverse", {{"use_beta_sigmas", true}}), 50).plan);
  REQUIRE(beta.size() == 50);
  CHECK(std::vector<double>(beta.end() - 4, beta.end()) == std::vector<double>{997, 998, 998, 999});
}

TEST_CASE("inversion ends on the noisiest timestep that is used") {
  const auto plan = diffusers(config("DPMSolverMultistepInverse", {{"lambda_min_clipped", -2.0}}), 10).plan;
  CHECK(plan.levels.back().time == 628);
}

TEST_CASE("the initial scale is that of the first noise, whichever rule gave it") {
  const json fields{{"interpolation_type", "log_linear"}, {"timestep_spacing", "leading"}};
  CHECK(diffusers(config("EulerDiscrete", fields), 10).initial_scale == Approx(157.4104).epsilon(1e-6));
}

TEST_CASE("CogVideoX has its table in float32, but for scaled_linear") {
  // alphas_cumprod[0] and [999] of diffusers 0.42.1, all of whose digits are float32's, or double's.
  const auto check = [](const char* name, double first, double last) {
    const auto d = diffusers(config("CogVideoXDDIM", {{"beta_schedule", name}, {"set_alpha_to_one", false}}), 1000);
    const fk::level &noise = d.plan.levels.front(), &clean = d.plan.levels.back();
    CHECK(noise.alpha * noise.alpha == Approx(last).epsilon(1e-14));
    CHECK(clean.alpha * clean.alpha == Approx(first).epsilon(1e-14));
  };
  check("linear", 0.9974542856216431, 0.00052687554853037);
  check("squaredcos_cap_v2", 0.999876081943512, 8.095783488037966e-10);
  check("scaled_linear", 0.9974543276430068, 0.001558207103429585);
  // Each operation of the division of the SNR is rounded: once in the end, this would be 0.9974364638328552.
  const json shifted{{"beta_schedule", "linear"}, {"snr_shift_scale", 1.5}};
  const fk::level second = diffusers(config("CogVideoXDDIM", shifted), 1000).plan.levels[998];
  CHECK(second.alpha * second.alpha == Approx(0.9974365234375).epsilon(1e-14));
  // torch multiplies float32 by 1 - s as a float32, too. DDIM has the table before that.
  const float shift = 1.3f, of_kept = static_cast<float>(1 - 1.3);
  const auto before = diffusers(config("DDIM"), 1000).plan.levels;
  const auto after =
      diffusers(
          config("CogVideoXDDIM",
                 {{"beta_schedule", "linear"}, {"beta_start", 1e-4}, {"beta_end", 0.02}, {"snr_shift_scale", 1.3}}),
          1000)
          .plan.levels;
  for (std::size_t i = 0; i < 1000; ++i) {
    const float kept = static_cast<float>(before[i].alpha * before[i].alpha), product = of_kept * kept;
    const float whole = shift + product, divided = kept / whole;
    CHECK(after[i].alpha * after[i].alpha == Approx(double{divided}).epsilon(1e-13));
  }
  // Betas of the config's own go before its schedule.
  const json own{{"trained_betas", {0.1, 0.2, 0.3}}, {"num_train_timesteps", 3}};
  const fk::level last = diffusers(config("CogVideoXDDIM", own), 3).plan.levels.front();
  const double kept = 0.9 * 0.8 * 0.7;  // and of float32
  CHECK(last.alpha * last.alpha == Approx(kept / (3 - 2 * kept)).epsilon(1e-6));
}

TEST_CASE("a last noise above the one before it is a step of no length") {
  // There diffusers steps back towards noise.
  const json fields{{"use_karras_sigmas", true}, {"sigma_min", 0.005}, {"final_sigmas_type", "sigma_min"}};
  const auto d = diffusers(config("EulerDiscrete", fields), 10);
  CHECK(d.plan.levels[9].ratio() == Approx(0.005).epsilon(1e-14));
  CHECK(d.plan.levels[10].ratio() == Approx(0.005).epsilon(1e-11));
  CHECK(d.plan.levels[10].ratio() < d.plan.levels[9].ratio());
}

TEST_CASE("LMS that begins midway has one slope, and so begins with Euler's step") {
  // There diffusers takes coefficients for four slopes, of which it has one.
  const diffusers_options last{.begin = 9};
  CHECK(to_text(diffusers(config("LMSDiscrete"), 10, last).plan) ==
        to_text(diffusers(config("EulerDiscrete"), 10, last).plan));
}
