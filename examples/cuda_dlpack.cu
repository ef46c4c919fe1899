// SPDX-License-Identifier: MIT
//
// A tensor of PyTorch, CuPy or JAX on a CUDA device, as DLPack passes it: sampled in place, without a copy. Here the
// program makes such a tensor itself; an extension of Python gets it from the capsule of `tensor.__dlpack__()`. Ends
// with 77 where there is no device.

#include <fokker/backend/cuda.hpp>
#include <fokker/backend/dlpack.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/kernel/cuda.cuh>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "dlpack_structs.hpp"

namespace fk = fokker;
using fk::kernel::cuda_check;

namespace {

/// A denoiser of data that are all 0.
struct network {
  template <class Tensor>
  void operator()(Tensor& out, const Tensor&, const fk::level&) const {
    using tensor = fk::backend::tensor<Tensor>;
    cuda_check(
        cudaMemsetAsync(tensor::data(out), 0, tensor::shape(out).size() * sizeof(float), tensor::space(out).stream),
        "cudaMemsetAsync");
  }
};

void run(cudaStream_t stream) {
  const fk::backend::extents shape{4, 3, 8, 8};
  fk::backend::cuda_tensor<float> memory(shape, stream);  // of the other library
  std::int64_t sizes[] = {4, 3, 8, 8}, strides[] = {192, 64, 8, 1}, others[] = {192, 1, 24, 3};
  DLManagedTensor theirs{{memory.data(), {kDLCUDA, 0}, 4, {kDLFloat, 32, 1}, sizes, strides, 0}, nullptr, nullptr};
  DLManagedTensor* const capsule = &theirs;

  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 10},
                                  fk::solver::dpmpp_2m{});
  // [dlpack]
  const fk::backend::dlpack_owner owner(capsule);  // gives it back when it goes
  fk::sample(plan, network{}, fk::noise::philox{.seed = 42},
             fk::backend::dlpack_cuda_view<float>(owner.tensor(), stream));
  // [dlpack]
  for (const float v : memory.to_host()) assert(v == 0);

  theirs.dl_tensor.strides = others;  // channels last
  bool refused = false;
  try {
    static_cast<void>(fk::backend::dlpack_cuda_view<float>(owner.tensor(), stream));
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  assert(refused);
  std::puts("a tensor of DLPack was sampled in place");
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  cudaStream_t stream = nullptr;
  cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  run(stream);
  cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
