// SPDX-License-Identifier: MIT
//
// Tensors of other libraries, sampled where they lie. Each library is played by the smallest stand-in, others.hpp: the
// lines between two marks are those of a program that has the library.

#include <fokker/backend/dlpack.hpp>
#include <fokker/fokker.hpp>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "others.hpp"

namespace fk = fokker;

namespace {

// [ort]
fk::backend::host_view<float> view_of(Ort::Value& v) {
  const auto info = v.GetTensorTypeAndShapeInfo();
  if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
    throw std::invalid_argument("an Ort::Value of float is needed");
  return {v.GetTensorMutableData<float>(), fk::backend::extents(info.GetShape())};
}
// [ort]

// [ggml]
fk::backend::host_view<float> view_of(ggml_tensor& t) {
  const bool on_host = t.buffer == nullptr || ggml_backend_buffer_is_host(t.buffer);
  if (t.type != GGML_TYPE_F32 || !ggml_is_contiguous(&t) || !on_host)
    throw std::invalid_argument("a contiguous ggml_tensor of float in memory of the host is needed");
  const auto extent = [&](int axis) { return static_cast<std::size_t>(t.ne[axis]); };
  return {static_cast<float*>(t.data), {extent(3), extent(2), extent(1), extent(0)}};  // ne[0] is the fastest
}
// [ggml]

// [opencv]
fk::backend::host_view<float> view_of(cv::Mat& m) {
  if (m.depth() != CV_32F || !m.isContinuous())
    throw std::invalid_argument("a cv::Mat of float without gaps between rows is needed: clone() makes one");
  const auto rows = static_cast<std::size_t>(m.rows), columns = static_cast<std::size_t>(m.cols);
  return {m.ptr<float>(), {1, rows, columns, static_cast<std::size_t>(m.channels())}};  // one sample, channels last
}
// [opencv]

// [tensorrt]
/// The engine reads and writes the memory of the run: on a device x is a cuda_view or a cuda_tensor of this stream.
struct engine {
  nvinfer1::IExecutionContext& context;
  cudaStream_t stream;
  float* time;  // one float, where the engine reads it

  template <class Tensor>
  void operator()(Tensor& out, const Tensor& x, const fk::level& at) const {
    using tensor = fk::backend::tensor<Tensor>;
    const auto label = static_cast<float>(at.label);
    bool good = cudaMemcpyAsync(time, &label, sizeof label, cudaMemcpyHostToDevice, stream) == cudaSuccess;
    good = good && context.setInputTensorAddress("time", time);
    good = good && context.setInputTensorAddress("x", tensor::data(x));
    good = good && context.setOutputTensorAddress("prediction", tensor::data(out));
    if (!good || !context.enqueueV3(stream)) throw std::runtime_error("TensorRT failed");
  }
};
// [tensorrt]

const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 10},
                                fk::solver::dpmpp_2m{});
constexpr fk::noise::philox noise{.seed = 42};
const auto network = [](auto out, const auto& x, const fk::level&) {
  for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = x.data[i] / 2;
};

/// 48 floats of so many samples, as a vector and a host_view give them.
std::vector<float> expected(const fk::backend::extents& shape) {
  std::vector<float> memory(48);
  fk::sample(plan, network, noise, fk::backend::host_view{memory.data(), shape});
  return memory;
}
template <class F>
bool refused(F f) {
  try {
    f();
  } catch (const std::invalid_argument&) {
    return true;
  }
  return false;
}

void onnx_runtime() {
  Ort::Value latent{{ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, {2, 3, 4, 2}}, std::vector<float>(48)};
  // [ort_use]
  fk::sample(plan, network, noise, view_of(latent));
  // [ort_use]
  assert(latent.memory == expected({2, 3, 4, 2}));
  latent.info.type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
  assert(refused([&] { static_cast<void>(view_of(latent)); }));
}

void ggml() {
  std::vector<float> memory(48);
  ggml_backend_buffer buffer{true};
  ggml_tensor latent{GGML_TYPE_F32, &buffer, {2, 4, 3, 2}, {4, 8, 32, 96}, memory.data()};  // of width 2, height 4
  const auto x = view_of(latent);
  assert((x.shape == fk::backend::extents{2, 3, 4, 2}));
  fk::sample(plan, network, noise, x);
  assert(memory == expected({2, 3, 4, 2}));
  std::swap(latent.nb[0], latent.nb[1]);  // a transposed one
  assert(refused([&] { static_cast<void>(view_of(latent)); }));
  std::swap(latent.nb[0], latent.nb[1]);
  buffer.host = false;
  assert(refused([&] { static_cast<void>(view_of(latent)); }));
}

void opencv() {
  std::vector<float> memory(64, 7);  // 4 rows of 16
  auto* const first = reinterpret_cast<unsigned char*>(memory.data());
  cv::Mat part{4, 4, CV_32F, 3, 16 * sizeof(float), first};  // rows of 12 floats, and 4 more that are not its own
  assert(refused([&] { static_cast<void>(view_of(part)); }));
  // [opencv_use]
  cv::Mat whole = part.clone();  // rows without gaps
  fk::sample(plan, network, noise, view_of(whole));
  whole.copyTo(part);  // row by row
  // [opencv_use]
  const std::vector<float> all = expected({1, 4, 4, 3});
  for (std::size_t i = 0; i < memory.size(); ++i) assert(memory[i] == (i % 16 < 12 ? all[i / 16 * 12 + i % 16] : 7));
}

void tensorrt() {
  std::vector<float> memory(48);
  float time = 0;
  nvinfer1::IExecutionContext context;
  const cudaStream_t stream = nullptr;
  const fk::backend::host_view x{memory.data(), {2, 3, 4, 2}};
  fk::sample(plan, engine{context, stream, &time}, noise, x);
  assert(memory == expected({2, 3, 4, 2}));
}

void dlpack() {
  std::vector<float> memory(48);
  std::array<std::int64_t, 2> shape{4, 12};
  static int deleted = 0;
  DLManagedTensor theirs{{memory.data(), {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape.data(), nullptr, 0},
                         nullptr,
                         [](DLManagedTensor*) { ++deleted; }};
  DLManagedTensor* const managed = &theirs;
  {
    // [dlpack]
    const fk::backend::dlpack_owner owner(managed);  // gives it back when it goes
    fk::sample(plan, network, noise, fk::backend::dlpack_view<float>(owner.tensor()));
    // [dlpack]
  }
  assert(memory == expected({4, 12}) && deleted == 1);
}

}  // namespace

int main() {
  onnx_runtime();
  ggml();
  opencv();
  tensorrt();
  dlpack();
  std::cout << "five tensors of others were sampled in place\n";
}
