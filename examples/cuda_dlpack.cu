// SPDX-License-Identifier: MIT
//
// A tensor of PyTorch, CuPy or JAX on a CUDA device, as DLPack passes it: sampled in place, without a copy. Here the
// program makes such a tensor itself; an extension of Python gets it from the capsule of `tensor.__dlpack__()`. Ends
// with 77 where there is no device.

#include <fokker/backend/cuda.hpp>
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
#include <vector>

// What <dlpack/dlpack.h> declares, as far as it is used here; a program that has the header includes it.
enum DLDeviceType { kDLCUDA = 2 };
enum DLDataTypeCode { kDLFloat = 2 };
struct DLDevice {
  DLDeviceType device_type;
  std::int32_t device_id;
};
struct DLDataType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  std::int32_t ndim;
  DLDataType dtype;
  std::int64_t *shape, *strides;
  std::uint64_t byte_offset;
};

namespace fk = fokker;
using fk::kernel::cuda_check;

namespace {

// [dlpack]
/// The tensor as a view, which must not outlive it. Strides are in elements; without them it is contiguous.
fk::backend::cuda_view<float> view_of(const DLTensor& t, cudaStream_t stream) {
  if (t.device.device_type != kDLCUDA) throw std::invalid_argument("the tensor is not on a CUDA device");
  if (t.dtype.code != kDLFloat || t.dtype.bits != 32 || t.dtype.lanes != 1)
    throw std::invalid_argument("the tensor is not of float32");
  std::vector<std::size_t> shape(t.shape, t.shape + t.ndim);
  std::int64_t contiguous = 1;
  for (std::int32_t axis = t.ndim; axis-- > 0; contiguous *= t.shape[axis])
    if (t.strides != nullptr && t.shape[axis] != 1 && t.strides[axis] != contiguous)
      throw std::invalid_argument("the tensor is not contiguous: call tensor.contiguous()");
  auto* data = reinterpret_cast<float*>(static_cast<char*>(t.data) + t.byte_offset);
  return {data, fk::backend::extents(shape), stream};
}
// [dlpack]

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
  DLTensor theirs{memory.data(), {kDLCUDA, 0}, 4, {kDLFloat, 32, 1}, sizes, strides, 0};

  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 10},
                                  fk::solver::dpmpp_2m{});
  auto x = view_of(theirs, stream);
  fk::sample(plan, network{}, fk::noise::philox{.seed = 42}, x);
  for (const float v : memory.to_host()) assert(v == 0);

  theirs.strides = others;  // channels last
  bool refused = false;
  try {
    static_cast<void>(view_of(theirs, stream));
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
