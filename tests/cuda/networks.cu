// SPDX-License-Identifier: MIT
//
// The networks of the examples on the device: against those of the host with random weights, and, where what reads
// their weights is there, against what PyTorch said.

#include <fokker/backend/cublas.hpp>
#include <fokker/backend/host.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/product.hpp>

#include "../../examples/cuda_layers.cuh"
#include "../../examples/networks.hpp"

#if __has_include(<nlohmann/json.hpp>)
#include "../../examples/safetensors.hpp"
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cublas_products;
using fk::backend::cuda_tensor;
using fk::backend::extents;
using fk::backend::host_view;

namespace {

using on_host = example::host_layers<fk::kernel::product>;
using on_device = example::cuda_layers<cublas_products>;

/// A stream, and layers that are computed in its order.
struct queue {
  cudaStream_t stream = nullptr;
  queue() { fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate"); }
  ~queue() { cudaStreamDestroy(stream); }
  [[nodiscard]] on_device layers() const { return {cublas_products(stream)}; }
};

/// Tensors of any name and shape, of about the size of trained ones; the same for the same name.
struct random_weights {
  template <std::size_t N>
  struct array {
    std::vector<float> values;
  };
  template <std::size_t N>
  [[nodiscard]] array<N> get(const std::string& name, const std::array<std::size_t, N>& shape) const {
    std::size_t size = 1, seed = 1;
    for (const std::size_t n : shape) size *= n;
    for (const char c : name) seed = 31 * seed + static_cast<unsigned char>(c);
    std::mt19937 random(static_cast<unsigned int>(seed));
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(shape.back())));
    array<N> made{std::vector<float>(size)};
    for (float& v : made.values) v = normal(random);
    return made;
  }
};

std::vector<float> random_numbers(std::size_t count) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> all(count);
  for (float& v : all) v = normal(random);
  return all;
}

/// The largest difference is below so much of the largest number.
void require_near(const std::vector<float>& found, const std::vector<float>& expected, double share,
                  const std::string& what) {
  test::require(found.size() == expected.size(), what + ": another number of elements");
  double difference = 0, largest = 0;
  bool finite = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    finite = finite && std::isfinite(found[i]);
    difference = std::max(difference, std::abs(static_cast<double>(found[i]) - expected[i]));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  test::require(finite && difference < share * largest,
                what + ": differs by " + std::to_string(difference) + " of " + std::to_string(largest));
}

/// Both for batches of several sizes, as many classes as samples or one, in the order of a stream.
template <template <class> class Network>
void compare(std::size_t size, const std::string& what) {
  const queue q;
  Network<on_host> host(random_weights{});
  Network<on_device> device(random_weights{}, q.layers());
  for (const std::size_t samples : {3, 1, 5}) {  // more memory is needed by the last one
    std::vector<int> classes{Network<on_host>::nothing};
    for (std::size_t s = 1; s < samples; ++s) classes.push_back(static_cast<int>(s % 3));
    if (samples == 5) classes.resize(1);
    const extents shape{samples, size};
    std::vector<float> x = random_numbers(shape.size()), expected(x.size());
    const fk::level at{.time = 0.3, .label = 0.3};
    const host_view<float> from{x.data(), shape};
    host_view<float> to{expected.data(), shape};
    example::of_class(host, classes)(to, from, at);
    const cuda_tensor<float> on_x(shape, x, q.stream);
    cuda_tensor<float> on_out(shape, q.stream);
    example::of_class(device, classes)(on_out, on_x, at);
    // Sums of 784 products at most, a dozen layers deep, each a unit of 2^-24 off per term in the worst order.
    require_near(on_out.to_host(), expected, 1e-4, what + " of " + std::to_string(samples));
  }
}

void networks() {
  compare<example::spiral_network>(2, "network of the spiral");
  compare<example::fashion_network>(784, "network of images");
}

void classifiers() {
  const queue q;
  example::classifier<on_host> host(random_weights{});
  example::classifier<on_device> device(random_weights{}, q.layers());
  const extents of_x{4, 784}, of_features{4, 64}, of_logits{4, 10};
  std::vector<float> x = random_numbers(of_x.size()), features(of_features.size()), logits(of_logits.size());
  host_view<float> host_features{features.data(), of_features}, host_logits{logits.data(), of_logits};
  host.features(host_view<float>{x.data(), of_x}, host_features);
  host.logits(host_features, host_logits);
  const cuda_tensor<float> on_x(of_x, x, q.stream);
  cuda_tensor<float> on_features(of_features, q.stream), on_logits(of_logits, q.stream);
  device.features(on_x, on_features);
  device.logits(on_features, on_logits);
  require_near(on_features.to_host(), features, 1e-5, "features");
  require_near(on_logits.to_host(), logits, 1e-5, "logits");
}

/// By the same kernels as often as it is launched, which need not be those of a run that is not captured.
void graphs() {
  const queue q;
  example::spiral_network<on_device> network(random_weights{}, q.layers());
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::uniform{.steps = 8}, fk::solver::ddim{}, fk::guidance::classifier_free{});
  const fk::denoisers two{example::of_class{network, {0, 1, 2, 0, 1}}, example::of_class{network, {3}}};
  const fk::noise::philox noise{.seed = 5};
  cuda_tensor<float> x({5, 2}, q.stream);
  const fk::cuda_graph run(plan, two, noise, x);  // the network's first calls, too
  run.launch();
  const std::vector<float> launched = x.to_host();
  run.launch();
  require_near(x.to_host(), launched, 1e-4, "another launch");
  fk::sample(plan, two, noise, x);
  require_near(launched, x.to_host(), 1e-4, "a launch");
}

#if __has_include(<nlohmann/json.hpp>)
example::safetensors read(const std::string& name) {
  return example::safetensors::read(std::filesystem::path(FOKKER_EXAMPLES_DATA) / (name + ".safetensors"));
}
std::vector<int> classes(const example::safetensors& file, const std::string& name) {
  const auto numbers = file.get<1>(name).values;
  return {numbers.begin(), numbers.end()};
}

/// A guided run of the plan from the start that PyTorch had.
void require_run(const std::string& name, const fk::plan::program& plan) {
  const queue q;
  const auto test = read(name + "_test");
  example::spiral_network<on_device> network(read(name), q.layers());
  const auto start = test.get<2>("start");
  cuda_tensor<float> x(extents(start.shape), start.values, q.stream);
  fk::sample_from(plan,
                  fk::denoisers{example::of_class{network, classes(test, "wanted")},
                                example::of_class{network, {example::spiral_network<on_device>::nothing}}},
                  fk::noise::philox{}, x);
  require_near(x.to_host(), test.get<2>("sample").values, 1e-4, name);
}

void trained_networks() {
  const fk::guidance::classifier_free twice{.scale = 2};
  require_run("spiral", fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                      fk::grid::uniform{.steps = 32}, fk::solver::ddim{}, twice));
  require_run("spiral_flow", fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                           fk::grid::uniform{.steps = 32}, fk::solver::euler{}, twice));
  const queue q;
  const auto test = read("fashion_test");
  example::fashion_network<on_device> network(read("fashion"), q.layers());
  const auto x = test.get<2>("x"), velocity = test.get<2>("velocity");
  const auto times = test.get<1>("time").values;
  const std::vector<int> label = classes(test, "label");
  const std::size_t size = x.shape[1];
  for (std::size_t i = 0; i < x.shape[0]; ++i) {
    const std::span<const float> row(x.values.data() + i * size, size);
    const cuda_tensor<float> on_x({1, size}, row, q.stream);
    cuda_tensor<float> on_out({1, size}, q.stream);
    example::of_class(network, {label[i]})(on_out, on_x, {.label = times[i]});
    const auto* expected = velocity.values.data() + i * size;
    require_near(on_out.to_host(), {expected, expected + size}, 1e-4, "image " + std::to_string(i));
  }
}
#else
void trained_networks() { throw test::skipped("nlohmann's JSON is not here, by which the weights are read"); }
#endif

}  // namespace

const test::test_case test::network_tests[] = {
    {"networks are those of the host to rounding", networks},
    {"so is the classifier", classifiers},
    {"a graph replays a network", graphs},
    {"trained networks say what PyTorch says", trained_networks},
    {nullptr, nullptr},
};
