// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>

namespace fokker::inline v0::kernel {

/// Throws std::runtime_error with the call and CUDA's own text unless it succeeded.
inline void cuda_check(cudaError_t status, std::string_view call) {
  if (status != cudaSuccess)
    throw std::runtime_error(detail::joined(
        {"fokker: CUDA's ", call, " failed: ", cudaGetErrorName(status), ": ", cudaGetErrorString(status)}));
}

/// Memory of the current device for `size` elements, taken and given back in the order of a stream; not initialised.
/// The stream must outlive it. Throws std::runtime_error where there is no such memory.
template <class E>
class cuda_memory {
 public:
  cuda_memory() = default;
  cuda_memory(std::size_t size, cudaStream_t stream) : size_(size), stream_(stream) {
    if (size == 0) return;
    void* at = nullptr;
    cuda_check(cudaMallocAsync(&at, size * sizeof(E), stream), "cudaMallocAsync");
    data_ = static_cast<E*>(at);
  }
  cuda_memory(cuda_memory&& other) noexcept { swap(other); }
  cuda_memory& operator=(cuda_memory&& other) noexcept {
    cuda_memory(std::move(other)).swap(*this);
    return *this;
  }
  ~cuda_memory() {
    if (data_ != nullptr) cudaFreeAsync(data_, stream_);  // a destructor has nobody to tell
  }

  [[nodiscard]] E* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] cudaStream_t stream() const { return stream_; }

  void swap(cuda_memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
  }

 private:
  E* data_ = nullptr;
  std::size_t size_ = 0;
  cudaStream_t stream_ = nullptr;
};

/// Copies `count` elements between host and device, in the order of the stream. Memory of the host that is not pinned
/// is read before it returns.
template <class E>
void cuda_copy(E* to, const E* from, std::size_t count, cudaStream_t stream) {
  cuda_check(cudaMemcpyAsync(to, from, count * sizeof(E), cudaMemcpyDefault, stream), "cudaMemcpyAsync");
}

/// The elements on the host, once the stream has come so far.
template <class E>
[[nodiscard]] std::vector<E> cuda_to_host(const E* from, std::size_t count, cudaStream_t stream) {
  std::vector<E> here(count);
  cuda_copy(here.data(), from, count, stream);
  cuda_check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return here;
}

}  // namespace fokker::inline v0::kernel
