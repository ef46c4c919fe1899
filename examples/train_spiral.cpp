// SPDX-License-Identifier: MIT
//
// Trains the network of the spiral in C++, and samples from it. libtorch has the network, its derivatives and its
// optimiser; the library has the levels, the noised points with their targets, and the loss.
//
//   train_spiral [FOLDER]    asserts what it reaches, and writes spiral.safetensors to the folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include <torch/torch.h>
#include <nlohmann/json.hpp>

#include <fokker/backend/torch.hpp>
#include <fokker/training/dropped.hpp>
#include <fokker/training/levels.hpp>
#include <fokker/training/loss.hpp>

#include "demo/spiral.hpp"
#include "networks.hpp"
#include "safetensors.hpp"
#include "story/chapter.hpp"

namespace {

namespace fk = fokker;
using torch::Tensor;

constexpr int nothing = 3;  // the class that stands for none
constexpr std::uint32_t batch = 256, steps = 4000;

const fk::schedule::vp_linear schedule;
const fk::parameterization::epsilon epsilon;

/// (x [n, 2], time [n], class [n]) -> noise [n, 2]: that of examples/train/spiral.py.
struct network_of_spiral : torch::nn::Module {
  static constexpr int width = 128, octaves = 8;
  torch::nn::Linear enter{2 + 2 * octaves, width}, leave{width, 2};
  torch::nn::ModuleList hidden;
  Tensor name = register_parameter("name", 0.1 * torch::randn({nothing + 1, width}));

  network_of_spiral() {
    register_module("enter", enter);
    register_module("hidden", hidden);
    register_module("leave", leave);
    for (int i = 0; i < 3; ++i) hidden->push_back(torch::nn::Linear(width, width));
  }
  [[nodiscard]] Tensor operator()(const Tensor& x, const Tensor& time, const Tensor& label) {
    const Tensor angles = time.unsqueeze(1) * std::numbers::pi * torch::pow(2, torch::arange(octaves));
    Tensor h = enter(torch::cat({x, angles.sin(), angles.cos()}, 1)) + name.index({label});
    for (const auto& layer : *hidden) h = h + layer->as<torch::nn::Linear>()->forward(torch::silu(h));
    return leave(torch::silu(h));
  }
};

// [batch]
/// A batch of the run: points of the spiral, noised, and what the network is to say of them. All is a function of the
/// seed and of the numbers of the samples.
struct pairs {
  Tensor x = torch::empty({batch, 2}), target = torch::empty({batch, 2}), time, label;

  pairs(const Tensor& data, const std::vector<int>& classes, std::uint32_t step) {
    const fk::noise::philox source{.seed = 1, .first_sample = step * batch};
    const auto levels = fk::training::draw_levels(schedule, fk::training::uniform_time{}, source, batch,
                                                  fk::training::low_discrepancy{.batch = batch});
    const fk::training::dropped unconditional{.share = 0.2};
    std::vector<std::int64_t> rows, labels;
    std::vector<double> times;
    for (std::uint32_t s = 0; s < batch; ++s) {
      const double share = fk::training::number(source, s, fk::training::condition + 1);
      rows.push_back(static_cast<std::int64_t>(share * static_cast<double>(data.size(0))));
      times.push_back(levels[s].time);
      labels.push_back(unconditional(source, s) ? nothing : classes[static_cast<std::size_t>(rows.back())]);
    }
    time = torch::tensor(times, torch::kFloat);
    label = torch::tensor(labels);
    const Tensor x0 = data.index({torch::tensor(rows)});
    fk::perturb(levels, epsilon, x0, source, x, target);
  }
};
// [batch]

/// Trains, and says the mean loss of every thousand steps.
void train(network_of_spiral& network, const Tensor& data, const std::vector<int>& classes) {
  torch::optim::Adam optimiser(network.parameters(), torch::optim::AdamOptions(0).betas({0.9, 0.99}));
  const std::vector<double> weights(batch, 1.0 / batch);
  double sum = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    const double turn = std::numbers::pi * step / steps, warm = std::min(1.0, (step + 1) / 100.0);
    static_cast<torch::optim::AdamOptions&>(optimiser.param_groups()[0].options())
        .lr(8e-3 * warm * (1 + std::cos(turn)) / 2);
    // [step]
    const pairs p(data, classes, step);
    const Tensor prediction = network(p.x, p.time, p.label);
    Tensor gradient = torch::empty_like(p.target);
    fk::training::loss_gradient(prediction, p.target, weights, gradient);
    optimiser.zero_grad();
    prediction.backward(gradient);
    optimiser.step();
    // [step]
    for (const double l : fk::training::loss(prediction, p.target, weights)) sum += l;
    if (step % 1000 != 999) continue;
    std::printf("mean loss of the steps %u to %u: %.4f\n", step - 998, step + 1, sum / 1000);
    sum = 0;
  }
}

/// The format safetensors: the header's length, the header, the numbers.
std::string written(const network_of_spiral& network) {
  nlohmann::json header;
  std::string numbers;
  for (const auto& p : network.named_parameters()) {
    const auto size = p.value().numel() * sizeof(float), from = numbers.size();
    header[p.key()] = {{"dtype", "F32"}, {"shape", p.value().sizes().vec()}, {"data_offsets", {from, from + size}}};
    numbers.append(static_cast<const char*>(p.value().data_ptr()), size);
  }
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + numbers;
}

/// The mean loss over the levels of a denoiser that is told no class.
template <class Denoiser>
double loss_of(const Denoiser& denoiser, const Tensor& data) {
  constexpr int levels = 32;
  double sum = 0;
  for (int k = 0; k < levels; ++k) {
    const fk::level at = fk::training::uniform_time{}(schedule, (k + 0.5) / levels);
    Tensor x = torch::empty_like(data), target = x.clone(), prediction = x.clone();
    fk::perturb(std::vector{at}, epsilon, data, fk::noise::philox{.seed = 2}, x, target);
    denoiser(prediction, x, at);
    sum += torch::mse_loss(prediction, target).item<double>() / levels;
  }
  return sum;
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path folder = story::folder(count, arguments);
  torch::manual_seed(1);
  torch::set_num_threads(1);  // as the products are small
  demo::data_set data = demo::spiral::make_data();
  const Tensor points = torch::from_blob(data.x.data(), {demo::spiral::data_size, 2});
  network_of_spiral network;
  // [denoiser]
  const auto denoiser = [&](Tensor& out, const Tensor& x, const fk::level& at) {
    const torch::NoGradGuard no_gradients;
    out = network(x, torch::full({x.size(0)}, at.time), torch::full({x.size(0)}, nothing, torch::kLong));
  };
  // [denoiser]
  const double untrained = loss_of(denoiser, points);
  train(network, points, demo::spiral::careless(data.label));
  const double learned = loss_of(denoiser, points);
  const double least = loss_of(fk::model::predicting{epsilon, fk::model::empirical{data.x}}, points);
  std::printf(
      "loss of the network untrained %.4f, trained %.4f; of the exact denoiser, the least that there is: %.4f\n",
      untrained, learned, least);
  assert(learned < 0.3 * untrained && learned > least && learned < 1.1 * least);

  // [sample]
  const auto plan = fk::make_plan(schedule, epsilon, fk::grid::uniform{.steps = 64}, fk::solver::ddpm{});
  Tensor x = torch::empty({demo::spiral::samples, 2});
  fk::sample(plan, denoiser, fk::noise::philox{.seed = 42}, x);
  const double distance = fk::metric::energy_distance(x, points);
  // [sample]
  const double chance = fk::metric::energy_distance(demo::spiral::redraw(data), points);
  std::printf("energy distance of %zu samples to the data: %.4f; of as many points drawn from the data: %.4f\n",
              demo::spiral::samples, distance, chance);
  assert(distance < 0.02);

  // The library's own layers read what was learned and say the same.
  const std::string bytes = written(network);
  example::spiral_network<example::host_layers<fk::backend::xtensor_products>> same(example::safetensors::parse(bytes));
  const fk::level at = fk::level_at(schedule, 0.3);
  Tensor mine = torch::empty_like(x), other = mine.clone();
  denoiser(mine, x, at);
  same(x, at.time, {same.on(), {nothing}, nothing}, other);
  assert(torch::allclose(mine, other, 1e-4, 1e-4));
  if (folder.empty()) return 0;
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / "spiral.safetensors", std::ios::binary);
  return file << bytes << std::flush ? 0 : 1;
}
