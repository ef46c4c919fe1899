// SPDX-License-Identifier: MIT
//
// A batch that several CUDA devices share: each takes some of the samples, and all have the bits that one device gives
// the whole batch. With a single device two of its streams share it. Ends with 77 where there is no device.

#include <fokker/backend/cuda.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/kernel/cuda.cuh>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace fk = fokker;
using fk::kernel::cuda_check;

/// The exact denoiser of normal data, of mean 2 and deviation 0.5.
__global__ void denoise(float* out, const float* x, std::size_t size, float alpha, float sigma) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  const float variance = 0.25f * alpha * alpha + sigma * sigma;
  if (i < size) out[i] = (0.25f * alpha * x[i] + 2 * sigma * sigma) / variance;
}

namespace {

using tensor = fk::backend::cuda_tensor<float>;

struct network {
  void operator()(tensor& out, const tensor& x, const fk::level& at) const {
    const std::size_t size = x.shape().size();
    const auto blocks = static_cast<unsigned int>((size + 255) / 256);
    denoise<<<blocks, 256, 0, x.stream()>>>(out.data(), x.data(), size, static_cast<float>(at.alpha),
                                            static_cast<float>(at.sigma));
  }
};

/// The samples of a batch, by as many shards as this.
std::vector<float> samples_by(std::size_t shards, int devices) {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 20},
                                  fk::solver::sde_dpmpp_2m{});
  std::vector<cudaStream_t> streams(shards);
  std::vector<float> all;
  {
    // [shards]
    const std::size_t batch = 10, each = (batch + shards - 1) / shards;
    std::vector<tensor> parts;
    for (std::size_t k = 0; k < shards; ++k) {
      const std::size_t first = k * each, count = std::min(each, batch - first);
      cuda_check(cudaSetDevice(static_cast<int>(k) % devices), "cudaSetDevice");
      cuda_check(cudaStreamCreate(&streams[k]), "cudaStreamCreate");
      parts.emplace_back(fk::backend::extents{count, 3, 8, 8}, streams[k]);
      // A sample's noise is a function of the seed and of its number in the whole batch.
      const fk::noise::philox noise{.seed = 42, .first_sample = static_cast<std::uint32_t>(first)};
      fk::sample(plan, network{}, noise, parts.back());  // returns before the device is done
    }
    for (std::size_t k = 0; k < shards; ++k) {
      cuda_check(cudaSetDevice(static_cast<int>(k) % devices), "cudaSetDevice");
      const std::vector<float> part = parts[k].to_host();  // waits for this one
      all.insert(all.end(), part.begin(), part.end());
    }
    // [shards]
  }
  for (cudaStream_t stream : streams) cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
  return all;
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  const std::vector<float> whole = samples_by(1, 1);
  assert(samples_by(2, std::min(devices, 2)) == whole);
  assert(samples_by(3, devices) == whole);
  std::printf("the bits of %zu elements are the same by one, two and three shards, on %d devices\n", whole.size(),
              devices);
}
