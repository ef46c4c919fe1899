// SPDX-License-Identifier: MIT
//
// The exact models of the device against those of the host.

#include <fokker/backend/cublas.hpp>
#include <fokker/backend/host.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/model/cuda_mixture.cuh>
#include <fokker/model/empirical.hpp>
#include <fokker/model/mixture.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<cuda/stream_ref>)
#include <cuda/stream_ref>
static_assert(std::is_convertible_v<cuda::stream_ref, fokker::kernel::cuda_stream>);
#endif

#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cublas_products;
using fk::backend::cuda_tensor;
using fk::backend::host_view;

namespace {

/// Both models at some levels. A score errs by the rounding of x . m_k, of as many products as a sample has elements.
template <class E, class Device, class Host>
void compare(Device& device, const Host& host, std::size_t size, const std::string& what) {
  std::mt19937 random(4);
  std::normal_distribution<double> normal;
  const fk::backend::extents shape{7, size};
  std::vector<E> x(shape.size()), expected(shape.size());
  for (E& v : x) v = static_cast<E>(2 * normal(random));
  for (const double sigma : {5.0, 1.0, 0.5}) {
    const fk::level at{.time = sigma, .alpha = 0.8, .sigma = sigma};
    const cuda_tensor<E> on_x(shape, x);
    cuda_tensor<E> on_out(shape);
    device(on_out, on_x, at);
    const host_view<E> from{x.data(), shape};
    host_view<E> to{expected.data(), shape};
    host(to, from, at);
    const std::vector<E> found = on_out.to_host();
    // |x| |m| up to 10 size; a share changes by as much as its score, which is that over sigma^2.
    const double bound = 100.0 * static_cast<double>(size) * static_cast<double>(std::numeric_limits<E>::epsilon()) /
                         (sigma * sigma) * static_cast<double>(size);
    for (std::size_t i = 0; i < x.size(); ++i)
      test::require(std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])) <= bound,
                    what + ": element " + std::to_string(i) + " at sigma " + std::to_string(sigma));
  }
}

std::vector<std::vector<double>> random_means(std::size_t count, std::size_t size) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> means(count, std::vector<double>(size));
  for (auto& mean : means)
    for (double& m : mean) m = static_cast<float>(normal(random));
  return means;
}

template <class E>
void mixtures_of() {
  for (const auto& [count, size] : {std::pair<std::size_t, std::size_t>{1, 1}, {3, 2}, {300, 17}}) {
    std::vector<double> weights(count, 1), deviations(count, 0.5);
    for (std::size_t k = 0; k < count; ++k)
      weights[k] += static_cast<double>(k % 3), deviations[k] += 0.1 * static_cast<double>(k % 2);
    const auto means = random_means(count, size);
    fk::model::cuda_mixture<E, cublas_products> device(weights, means, deviations, cublas_products(nullptr));
    compare<E>(device, fk::model::mixture(weights, means, deviations), size, "mixture of " + std::to_string(count));
  }
}

void mixtures() {
  mixtures_of<float>();
  mixtures_of<double>();
}

/// A graph has the memory that a call takes, and a model works where its products do.
void graphs_and_streams() {
  const auto means = random_means(30, 5);
  const std::vector<double> weights(30, 1), deviations(30, 0.5);
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  {
    fk::model::cuda_mixture<float, cublas_products> model(weights, means, deviations, cublas_products(stream));
    const fk::backend::extents shape{4, 5};
    cuda_tensor<float> x(shape, stream), elsewhere(shape);
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                    fk::solver::heun{});
    const fk::cuda_graph run(plan, model, fk::noise::philox{.seed = 2}, x);
    std::vector<float> expected(shape.size());
    fk::sample(plan, fk::model::mixture(weights, means, deviations), fk::noise::philox{.seed = 2},
               host_view<float>{expected.data(), shape});
    for (int again = 0; again < 3; ++again) {
      run.launch();
      const std::vector<float> found = x.to_host();
      for (std::size_t i = 0; i < found.size(); ++i)
        test::require(std::abs(found[i] - expected[i]) < 1e-3f, "a mixture in a graph: element " + std::to_string(i));
    }
    bool refused = false;
    try {
      model(elsewhere, std::as_const(elsewhere), fk::level{.time = 1, .sigma = 1});
    } catch (const std::invalid_argument& problem) {
      refused = std::string(problem.what()).find("the stream of x") != std::string::npos;
    }
    test::require(refused, "a tensor of another stream was taken");
  }
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

void data_sets() {
  const std::size_t count = 500, size = 6;
  const auto means = random_means(count, size);
  std::vector<float> rows;
  for (const auto& mean : means)
    for (const double m : mean) rows.push_back(static_cast<float>(m));
  fk::model::cuda_mixture<float, cublas_products> device(std::vector<double>(count, 1), means,
                                                         std::vector<double>(count, 0), cublas_products(nullptr));
  compare<float>(device, fk::model::empirical(host_view<float>{rows.data(), {count, size}}), size, "a data set");
}

}  // namespace

const test::test_case test::model_tests[] = {
    {"a mixture is that of the host to rounding", mixtures},
    {"so is a data set", data_sets},
    {"a mixture is launched as a graph, in the stream of its products", graphs_and_streams},
    {nullptr, nullptr},
};
