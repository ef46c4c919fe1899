// SPDX-License-Identifier: MIT
// Prints the plan of a scheduler_config.json of diffusers:  from_diffusers FILE [STEPS]; of Stable Diffusion XL's
// without arguments.
#include <cassert>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/interop/diffusers.hpp>
#include <fokker/interop/plan_json.hpp>

namespace fk = fokker;

namespace {

std::string read(const char* path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(std::string(path) + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void show(const std::string& text, int steps) {
  // [plan]
  const auto config = fk::interop::parse_config(text);
  const auto from = fk::interop::diffusers(config, steps, {}, fk::guidance::classifier_free{.scale = 5});
  std::cout << from.plan;
  // [plan]
  // [json]
  const std::string json = fk::plan::to_json(from.plan);  // for other programs, in any language
  const fk::plan::program same = fk::plan::from_json(json);
  assert(fk::plan::to_json(same) == json);
  // [json]
  std::cout << from.scheduler << ", prediction of " << from.prediction_type << '\n';
  for (const std::string& field : from.ignored) std::cout << "not read: " << field << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  const char* sdxl = R"({
    "_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012,
    "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "prediction_type": "epsilon",
    "interpolation_type": "linear", "timestep_spacing": "leading", "steps_offset": 1, "use_karras_sigmas": false
  })";
  try {
    show(count > 1 ? read(arguments[1]) : sdxl, count > 2 ? std::stoi(arguments[2]) : 4);

    // [latents]
    // Normals of a pipeline: it multiplies them by the initial scale, and ours are its latents times another.
    const auto from = fk::interop::diffusers(fk::interop::parse_config(sdxl), 4);
    std::vector<float> latents(64, 0.5f);  // its normals
    const double in = from.initial_scale * from.of_theirs(from.plan.levels.front());
    for (float& x : latents) x *= static_cast<float>(in);
    const auto network = fk::model::predicting{fk::parameterization::epsilon{}, fk::model::gaussian{}};
    fk::sample_from(from.plan, network, fk::noise::philox{.seed = 1}, latents);  // on the data both are the same
    // [latents]
    assert(fk::plan::evaluations(from.plan) == 4);

    const char* dev = R"({
      "_class_name": "FlowMatchEulerDiscreteScheduler", "base_image_seq_len": 256, "base_shift": 0.5,
      "max_image_seq_len": 4096, "max_shift": 1.15, "num_train_timesteps": 1000, "shift": 3.0,
      "use_dynamic_shifting": true
    })";
    // [flux]
    // Flux.1 dev, 28 steps for a picture of 1024 by 1024, which is 4096 tokens.
    fk::interop::diffusers_options said{.mu = std::log(fk::grid::shift_for_tokens(4096))};
    for (int i = 0; i < 28; ++i) said.sigmas.push_back(1 - i / 28.0);
    const auto flux = fk::interop::diffusers(fk::interop::parse_config(dev), 28, said);
    // [flux]
    std::cout << flux.scheduler << ", the last timestep " << flux.plan.calls.back().at.label << '\n';
    assert(std::abs(flux.plan.calls.back().at.label - 104.7209) < 1e-3);  // diffusers 0.42.1's
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
