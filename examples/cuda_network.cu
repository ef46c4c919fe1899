// SPDX-License-Identifier: MIT
//
// A trained network on a CUDA device: the text of the demo's network, computed there, and a guided run as one launch.
// Ends with 77 where there is no device.

#include <fokker/backend/cublas.hpp>
#include <fokker/backend/cuda.hpp>
#include <fokker/backend/host.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda.cuh>
#include <fokker/kernel/product.hpp>
#include <fokker/metric/energy_distance.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <vector>

#include "cuda_layers.cuh"
#include "networks.hpp"
#include "safetensors.hpp"

namespace fk = fokker;

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  const auto file = example::safetensors::read(FOKKER_EXAMPLES_DATA "/spiral.safetensors");
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  {
    // [network]
    using spiral = example::spiral_network<example::cuda_layers<fk::backend::cublas_products>>;
    spiral network(file, {fk::backend::cublas_products(stream)});
    const fk::denoisers two{example::of_class{network, {0}}, example::of_class{network, {spiral::nothing}}};
    // [network]

    const auto plan =
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 8},
                      fk::solver::ddim{}, fk::guidance::classifier_free{.scale = 2});
    const fk::noise::philox noise{.seed = 42};
    const fk::backend::extents shape{60, 2};
    fk::backend::cuda_tensor<float> x(shape, stream), again(shape, stream);
    fk::sample(plan, two, noise, x);
    const std::vector<float> samples = x.to_host();

    // [graph]
    const fk::cuda_graph run(plan, two, noise, again);
    run.launch();
    // [graph]

    // cuBLAS may sum in another order in a graph, and the host does. Of up to 128 terms that is 2 * 128 units of 2^-24,
    // for each of 5 layers and 8 steps, and the guidance adds up 2 + 1 predictions of numbers up to 4.
    constexpr float bound = 2 * 128 * 0x1p-24f * 5 * 8 * 3 * 4;
    const auto difference = [](const std::vector<float>& a, const std::vector<float>& b) {
      float largest = 0;
      for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
      return largest;
    };
    assert(difference(again.to_host(), samples) < bound);

    // The same on the host.
    example::spiral_network<example::host_layers<fk::kernel::product>> there(file);
    std::vector<float> expected(shape.size());
    fk::sample(plan, fk::denoisers{example::of_class{there, {0}}, example::of_class{there, {spiral::nothing}}}, noise,
               fk::backend::host_view{expected.data(), shape});
    assert(difference(samples, expected) < bound);

    // [distance]
    const fk::backend::cuda_tensor<float> wanted(shape, expected, stream);
    const double distance = fk::metric::energy_distance(x, wanted);
    // [distance]
    assert(distance < 4 * bound);  // of pairs that are so far apart, in both of them
    std::printf("the samples of device and host differ by %.1e, and their distance is %.1e\n",
                static_cast<double>(difference(samples, expected)), distance);
  }
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
