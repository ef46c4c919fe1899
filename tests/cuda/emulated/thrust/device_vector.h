// SPDX-License-Identifier: MIT
#pragma once

// As much of Thrust's vector as the examples need.

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace thrust {

template <class T>
T* raw_pointer_cast(T* at) {
  return at;
}

template <class T, class A = std::allocator<T>>
class device_vector {
 public:
  explicit device_vector(std::size_t size) : size_(size) {
    cudaMallocAsync(&data_, size * sizeof(T), nullptr);
    cudaMemsetAsync(data_, 0, size * sizeof(T), nullptr);
  }
  device_vector(device_vector&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  device_vector& operator=(device_vector&&) = delete;
  ~device_vector() {
    if (data_ != nullptr) cudaFreeAsync(data_, nullptr);
  }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  friend bool operator!=(const device_vector& a, const device_vector& b) { return a.on_host() != b.on_host(); }

 private:
  [[nodiscard]] std::vector<T> on_host() const {
    std::vector<T> here(size_);
    cudaMemcpyAsync(here.data(), data_, size_ * sizeof(T), cudaMemcpyDefault, nullptr);
    return here;
  }
  T* data_ = nullptr;
  std::size_t size_;
};

}  // namespace thrust
