// SPDX-License-Identifier: MIT
//
// Sampling on a CUDA device: the same call as on the host, and the same bits. Compiled by nvcc, which needs the headers
// alone. Ends with 77 where there is no device.

#include <fokker/backend/cuda.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda.cuh>

#include <cassert>
#include <cmath>
#include <cstdio>
#include <vector>

#if __has_include(<thrust/device_vector.h>)
#include <fokker/backend/thrust.hpp>
#endif

namespace fk = fokker;

// [network]
/// The exact denoiser of normal data, of mean 2 and deviation 0.5.
__global__ void denoise(float* out, const float* x, std::size_t size, float alpha, float sigma) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  const float variance = 0.25f * alpha * alpha + sigma * sigma;
  if (i < size) out[i] = (0.25f * alpha * x[i] + 2 * sigma * sigma) / variance;
}

struct network {
  template <class Tensor>
  void operator()(Tensor& out, const Tensor& x, const fk::level& at) const {
    using tensor = fk::backend::tensor<Tensor>;
    const std::size_t size = tensor::shape(x).size();
    const auto blocks = static_cast<unsigned int>((size + 255) / 256);
    denoise<<<blocks, 256, 0, tensor::space(x).stream>>>(tensor::data(out), tensor::data(x), size,
                                                         static_cast<float>(at.alpha), static_cast<float>(at.sigma));
  }
};
// [network]

namespace {

double mean(const std::vector<float>& x) {
  double sum = 0;
  for (const float v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

/// Tensors end before their stream does.
void run(cudaStream_t stream) {
  // [sample]
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 20},
                                  fk::solver::dpmpp_2m{});
  fk::backend::cuda_tensor<float> x({64, 3, 8, 8}, stream);  // in the order of this stream, as all that is done with it
  fk::sample(plan, network{}, fk::noise::philox{.seed = 42}, x);
  const std::vector<float> samples = x.to_host();  // the first wait
  // [sample]
  assert(std::abs(mean(samples) - 2) < 5 * 0.5 / std::sqrt(64 * 3 * 64));

  // [view]
  // A buffer of somebody else's: of PyTorch, tensor.data_ptr<float>() and at::cuda::getCurrentCUDAStream().
  float* theirs = nullptr;
  fk::kernel::cuda_check(cudaMallocAsync(&theirs, x.shape().size() * sizeof(float), stream), "cudaMallocAsync");
  fk::sample(plan, network{}, fk::noise::philox{.seed = 42}, fk::backend::cuda_view{theirs, x.shape(), stream});
  // [view]
  assert(fk::kernel::cuda_to_host(theirs, samples.size(), stream) == samples);
  fk::kernel::cuda_check(cudaFreeAsync(theirs, stream), "cudaFreeAsync");

  {
    // [graph]
    std::vector<fk::noise::philox> seeds(64);
    for (std::size_t s = 0; s < seeds.size(); ++s) seeds[s] = {.seed = 42, .first_sample = static_cast<unsigned>(s)};
    const fk::backend::cuda_tensor<fk::noise::philox> table({seeds.size()}, seeds, stream);
    const fk::cuda_graph run(plan, network{}, fk::noise::per_sample{{table.data(), seeds.size()}}, x);
    run.launch();  // the whole run
    // [graph]
    assert(x.to_host() == samples);
  }

  {
    // [observed]
    const auto early = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 20},
                                     fk::solver::dpmpp_2m{}, {.preview = true});
    fk::backend::cuda_tensor<float> seen_then(x.shape(), stream);
    const auto keep = [&](const fk::progress<fk::backend::cuda_tensor<float>>& seen) {
      const float* preview = seen.preview->data();
      if (seen.call == 10) fk::kernel::cuda_copy(seen_then.data(), preview, x.shape().size(), stream);
    };
    const fk::cuda_graph run(early, network{}, fk::noise::philox{.seed = 42}, x, keep, {.check_finite = true});
    run.launch();          // fills x and seen_then
    run.require_finite();  // waits for it
    // [observed]
    assert(x.to_host() == samples && seen_then.to_host() != samples);
    assert(std::abs(mean(seen_then.to_host()) - 2) < 0.2);
  }

  std::size_t taken = 0;
  {
    // [allocator]
    const auto take = [&](std::size_t bytes, cudaStream_t in) {
      void* at = nullptr;
      fk::kernel::cuda_check(cudaMallocAsync(&at, bytes, in), "cudaMallocAsync");
      taken += bytes;
      return at;
    };
    const auto give_back = [](void* at, std::size_t, cudaStream_t in) { cudaFreeAsync(at, in); };
    const fk::kernel::cuda_memory_from mine({take, give_back});
    fk::sample(plan, network{}, fk::noise::philox{.seed = 42}, x);  // in buffers of these functions
    // [allocator]
  }
  assert(taken > 0 && x.to_host() == samples);

#if __has_include(<thrust/device_vector.h>)
  const thrust::device_vector<float> unset(1000);
  thrust::device_vector<float> column(1000);  // a thousand samples of one element
  fk::sample(plan, network{}, fk::noise::philox{}, column);
  assert(column != unset);
#endif

  std::printf("the mean of the samples is %.3f, that of the data 2\n", mean(samples));
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  run(stream);
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
