// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/kernel/cuda_memory.hpp>

#include "layers.hpp"

namespace example {

namespace device {

template <class F>
__global__ void at_each(std::uint64_t count, std::uint64_t columns, F f) {
  const std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < count) f(i / columns, i % columns);
}

}  // namespace device

/// Where layers are computed: memory of a CUDA device, in the order of the stream of `products`, such as
/// fokker::backend::cublas_products. The counterpart of host_layers. For nvcc. Throws std::runtime_error where a launch
/// fails.
template <class Products>
struct cuda_layers {
  Products products;

  template <class T>
  using memory = fokker::kernel::cuda_memory<T>;
  template <class T>
  [[nodiscard]] memory<T> make(std::size_t size) const {
    return {size, products.stream()};
  }
  template <class T>
  [[nodiscard]] memory<T> copied(const std::vector<T>& values) const {
    memory<T> here(values.size(), products.stream());
    fokker::kernel::cuda_copy(here.data(), values.data(), values.size(), products.stream());
    return here;
  }
  template <class F>
  void each(std::size_t rows, std::size_t columns, F f) const {
    constexpr std::uint64_t threads = 256;
    const std::uint64_t count = rows * columns;
    fokker::kernel::cuda_launch("launch of a layer", products.stream(),
                                static_cast<unsigned int>((count + threads - 1) / threads), threads, device::at_each<F>,
                                count, columns, f);
  }
  void times_transposed(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
                        float* c) const {
    products.times_transposed(count, m, n, k, a, b, c);
  }
  void times(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
             float* c) const {
    products.times(count, m, n, k, a, b, c);
  }
};
template <class Products>
cuda_layers(Products) -> cuda_layers<Products>;

}  // namespace example
