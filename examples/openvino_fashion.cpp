// SPDX-License-Identifier: MIT
//
// The network of images by OpenVINO: read as ONNX, guided, watched, and compared with the same network by the library's
// own layers.
//
//   openvino_fashion [FOLDER]    asserts what it shows, and writes fashion.pgm to the folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <openvino/runtime/core.hpp>

#include <fokker/backend/openvino.hpp>
#include <fokker/fokker.hpp>

#include "networks.hpp"
#include "story/chapter.hpp"
#include "story/weights.hpp"

namespace fk = fokker;

namespace {

constexpr std::size_t classes = 10, each = 4, samples = classes * each, pixels = 28 * 28;

/// Seconds of the processor, of all threads.
double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The images as one picture, a row for each class.
void write_pgm(const std::filesystem::path& folder, const float* x) {
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / "fashion.pgm", std::ios::binary);
  file << "P5\n" << each * 28 << ' ' << classes * 28 << "\n255\n";
  for (std::size_t row = 0; row < classes * 28; ++row)
    for (std::size_t column = 0; column < each * 28; ++column) {
      const float value = x[((row / 28) * each + column / 28) * pixels + row % 28 * 28 + column % 28];
      file.put(static_cast<char>(static_cast<unsigned char>(std::clamp(127.5F * (value + 1), 0.0F, 255.0F))));
    }
  if (!file.flush()) throw std::runtime_error("cannot write fashion.pgm");
}

/// The share of images that a classifier takes for one of their class.
double share(const fk::backend::host_view<float>& x, const std::vector<int>& wanted) {
  example::classifier<story::on_host> judge(story::weights("classifier"));
  std::vector<float> features(samples * judge.feature_size), logits(samples * classes);
  fk::backend::host_view<float> seen{features.data(), {samples, judge.feature_size}};
  fk::backend::host_view<float> said{logits.data(), {samples, classes}};
  judge.features(x, seen);
  judge.logits(seen, said);
  double right = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    const float* row = &logits[i * classes];
    right += std::max_element(row, row + classes) - row == wanted[i];
  }
  return right / samples;
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path folder = story::folder(count, arguments);
  const auto data = std::filesystem::path(__FILE__).parent_path() / "data";
  std::vector<int> wanted;
  for (std::size_t i = 0; i < samples; ++i) wanted.push_back(static_cast<int>(i / each));

  // [model]
  ov::Core core;
  const auto network = core.read_model((data / "fashion.onnx").string());  // x [?, 784], time [?], label [?]
  const std::int64_t n = samples;
  network->reshape({{"x", {n, 784}}, {"time", {n}}, {"label", {n}}});
  const ov::CompiledModel compiled =
      core.compile_model(network, "CPU", ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(1));
  const auto of_classes = [&](const std::vector<int>& list) {
    ov::Tensor label(ov::element::i64, {samples});
    std::copy(list.begin(), list.end(), label.data<std::int64_t>());
    return fk::backend::openvino_model(compiled, {.conditions = {label}});
  };
  fk::denoisers by_openvino{of_classes(wanted), of_classes(std::vector<int>(samples, 10))};  // 10: of no class
  // [model]

  // [sample]
  const auto plan =
      fk::make_plan(fk::schedule::cosine{.offset = 0}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 20},
                    fk::solver::ddim{}, fk::guidance::classifier_free{.scale = 2}, {.preview = true});
  ov::Tensor x(ov::element::f32, {samples, 784});
  const auto watched = [&](const fk::progress<ov::Tensor>& seen) {
    if (seen.call % 5 == 0)
      std::printf("call %2d of %d: the first image is guessed as of mean %.3f\n", seen.call, seen.calls,
                  std::accumulate(seen.preview->data<float>(), seen.preview->data<float>() + 784, 0.0) / 784);
  };
  fk::sample(plan, by_openvino, fk::noise::philox{.seed = 42}, x, watched);
  // [sample]

  // The same by the library's layers, whose matrix products are BLAS's, and the time of both.
  example::fashion_network<story::on_host> layers(story::weights("fashion"));
  const fk::denoisers by_layers{example::of_class(layers, wanted), example::of_class(layers, {layers.nothing})};
  std::vector<float> memory(samples * pixels);
  const fk::backend::host_view<float> y{memory.data(), {samples, pixels}};
  fk::sample(plan, by_layers, fk::noise::philox{.seed = 42}, y);
  double largest = 0;
  for (std::size_t i = 0; i < memory.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(x.data<float>()[i]) - memory[i]));
  const double begin = seconds();
  fk::sample(plan, by_openvino, fk::noise::philox{.seed = 42}, x);
  const double middle = seconds();
  fk::sample(plan, by_layers, fk::noise::philox{.seed = 42}, y);
  const double end = seconds();
  const double right = share({x.data<float>(), {samples, pixels}}, wanted);
  std::printf(
      "%zu images by 20 calls of two branches: they differ by up to %.1e; %.2f s by OpenVINO, %.2f s by layers with "
      "BLAS; %.0f %% are of the class asked for\n",
      samples, largest, middle - begin, end - middle, 100 * right);
  assert(largest <= 1e-4);
  assert(right > 0.8);
  if (!folder.empty()) write_pgm(folder, x.data<float>());
}
