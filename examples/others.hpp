// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "dlpack_structs.hpp"

// The smallest stand-ins for tensors of other libraries: what examples/memory_of_others.cpp asks of each, with its
// names.

// ONNX Runtime.
enum ONNXTensorElementDataType { ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT = 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 = 2 };
namespace Ort {
struct TensorTypeAndShapeInfo {
  ONNXTensorElementDataType type;
  std::vector<std::int64_t> shape;
  [[nodiscard]] ONNXTensorElementDataType GetElementType() const { return type; }
  [[nodiscard]] std::vector<std::int64_t> GetShape() const { return shape; }
};
struct Value {
  TensorTypeAndShapeInfo info;
  std::vector<float> memory;
  [[nodiscard]] TensorTypeAndShapeInfo GetTensorTypeAndShapeInfo() const { return info; }
  template <class E>
  E* GetTensorMutableData() {
    return memory.data();
  }
};
}  // namespace Ort

// ggml. `ne` counts elements, the fastest axis first, and `nb` are strides in bytes.
enum ggml_type { GGML_TYPE_F32 = 0, GGML_TYPE_F16 = 1 };
struct ggml_backend_buffer {
  bool host;
};
struct ggml_tensor {
  ggml_type type;
  ggml_backend_buffer* buffer;
  std::int64_t ne[4];
  std::size_t nb[4];
  void* data;
};
inline bool ggml_backend_buffer_is_host(ggml_backend_buffer* buffer) { return buffer->host; }
inline bool ggml_is_contiguous(const ggml_tensor* t) {
  std::size_t stride = sizeof(float);
  for (int i = 0; i < 4; stride *= static_cast<std::size_t>(t->ne[i++]))
    if (t->ne[i] != 1 && t->nb[i] != stride) return false;
  return true;
}

// OpenCV. Rows are `step` bytes apart.
inline constexpr int CV_32F = 5;
namespace cv {
struct Mat {
  int rows, cols, kind, of_pixel;
  std::size_t step;
  unsigned char* data;
  std::vector<float> own{};
  [[nodiscard]] int depth() const { return kind; }
  [[nodiscard]] int channels() const { return of_pixel; }
  [[nodiscard]] std::size_t row_bytes() const { return static_cast<std::size_t>(cols * of_pixel) * sizeof(float); }
  [[nodiscard]] bool isContinuous() const { return rows == 1 || step == row_bytes(); }
  template <class E>
  E* ptr() {
    return reinterpret_cast<E*>(data);
  }
  void copyTo(Mat& other) const {
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r)
      std::memcpy(other.data + r * other.step, data + r * step, row_bytes());
  }
  [[nodiscard]] Mat clone() const {
    Mat other{rows,
              cols,
              kind,
              of_pixel,
              row_bytes(),
              nullptr,
              std::vector<float>(static_cast<std::size_t>(rows * cols * of_pixel))};
    other.data = reinterpret_cast<unsigned char*>(other.own.data());
    copyTo(other);
    return other;
  }
};
}  // namespace cv

// CUDA and TensorRT, whose engine here halves 48 floats on the host.
struct CUstream_st;
using cudaStream_t = CUstream_st*;
enum cudaError_t { cudaSuccess = 0 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1 };
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t) {
  return std::memcpy(to, from, bytes), cudaSuccess;
}
namespace nvinfer1 {
struct IExecutionContext {
  const void* x = nullptr;
  const void* time = nullptr;
  void* prediction = nullptr;
  bool setInputTensorAddress(const char* name, const void* at) {
    return (std::string_view(name) == "x" ? x : time) = at, true;
  }
  bool setOutputTensorAddress(const char*, void* at) { return prediction = at, true; }
  bool enqueueV3(cudaStream_t) {
    for (std::size_t i = 0; i < 48; ++i) static_cast<float*>(prediction)[i] = static_cast<const float*>(x)[i] / 2;
    return *static_cast<const float*>(time) > 0;
  }
};
}  // namespace nvinfer1
