// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/cuda.hpp>

struct __half;
struct __nv_bfloat16;

namespace fokker::inline v0::backend {

/// The element that an element of CUDA's is here, bit for bit.
template <class E>
struct cuda_element {
  using type = E;
};
template <>
struct cuda_element<::__half> {
  using type = half;
};
template <>
struct cuda_element<::__nv_bfloat16> {
  using type = bfloat16;
};

/// Memory of a CUDA device by its address, shape and stream, not owned, as PyTorch, CuPy or TensorRT have it:
/// `cuda_view{pointer, {batch, channels, height, width}, stream}`. What is done with it is done in the stream's order.
template <class E>
struct cuda_view {
  E* data = nullptr;
  extents shape;
  kernel::cuda_stream stream = {};
};
template <class E>
cuda_view(E*, extents, kernel::cuda_stream) -> cuda_view<E>;
template <class E>
cuda_view(E*, extents) -> cuda_view<E>;

/// A tensor of the current device, taken and given back in the order of a stream, which must outlive it; it is not
/// initialised. It moves and is not copied. Throws std::runtime_error where there is no such memory.
template <class E>
class cuda_tensor {
 public:
  cuda_tensor() = default;
  explicit cuda_tensor(const extents& shape, const kernel::cuda_stream& stream = {})
      : shape_(shape), memory_(shape.size(), stream) {}
  /// A copy of what the host has, of as many elements; without a wait where that is pinned memory.
  cuda_tensor(const extents& shape, std::span<const E> elements, const kernel::cuda_stream& stream = {})
      : cuda_tensor(shape, stream) {
    if (elements.size() != shape.size())
      detail::refuse("the number of elements", elements.size(),
                     detail::joined({detail::text(shape.size()), ", those of the shape"}));
    kernel::cuda_copy(memory_.data(), elements.data(), elements.size(), stream);
  }

  [[nodiscard]] E* data() { return memory_.data(); }
  [[nodiscard]] const E* data() const { return memory_.data(); }
  [[nodiscard]] const extents& shape() const { return shape_; }
  [[nodiscard]] const kernel::cuda_stream& stream() const { return memory_.stream(); }
  /// The elements on the host, once the stream has come so far.
  [[nodiscard]] std::vector<E> to_host() const { return kernel::cuda_to_host(data(), shape_.size(), stream()); }

 private:
  extents shape_;
  kernel::cuda_memory<E> memory_;
};

template <class E>
struct tensor<cuda_view<E>> {
  using element = typename cuda_element<E>::type;
  using storage = kernel::cuda_memory<E>;
  [[nodiscard]] static element* data(const cuda_view<E>& t) { return reinterpret_cast<element*>(t.data); }
  [[nodiscard]] static extents shape(const cuda_view<E>& t) { return t.shape; }
  /// Each device has a default stream: that of the memory is meant.
  [[nodiscard]] static kernel::cuda space(const cuda_view<E>& t) {
    kernel::cuda_stream on = t.stream;
    cudaPointerAttributes found{};
    if (on.handle == nullptr && on.device < 0 && t.data != nullptr) {
      kernel::cuda_check(cudaPointerGetAttributes(&found, t.data), "cudaPointerGetAttributes");
      on.device = found.device;
    }
    return {on};
  }
  template <class F>
  using rebind = cuda_view<F>;
  template <class F = E>
  [[nodiscard]] static kernel::cuda_memory<F> like(const cuda_view<E>& t) {
    return {t.shape.size(), space(t).stream};
  }
  [[nodiscard]] static cuda_view<E> view(storage& s, const extents& shape) { return {s.data(), shape, s.stream()}; }
};

template <>
struct view_in<kernel::cuda> {
  template <class E>
  [[nodiscard]] static cuda_view<E> of(E* data, const extents& shape, const kernel::cuda& on) {
    return {data, shape, on.stream};
  }
};

template <class E>
struct tensor<cuda_tensor<E>> {
  using element = typename cuda_element<E>::type;
  [[nodiscard]] static element* data(cuda_tensor<E>& t) { return reinterpret_cast<element*>(t.data()); }
  [[nodiscard]] static const element* data(const cuda_tensor<E>& t) {
    return reinterpret_cast<const element*>(t.data());
  }
  [[nodiscard]] static extents shape(const cuda_tensor<E>& t) { return t.shape(); }
  [[nodiscard]] static kernel::cuda space(const cuda_tensor<E>& t) { return {t.stream()}; }
  template <class F>
  using rebind = cuda_tensor<F>;
  template <class F = E>
  [[nodiscard]] static cuda_tensor<F> like(const cuda_tensor<E>& t) {
    return cuda_tensor<F>(t.shape(), t.stream());
  }
};

}  // namespace fokker::inline v0::backend
