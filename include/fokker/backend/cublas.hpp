// SPDX-License-Identifier: MIT
#pragma once

#include <cublas_v2.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fokker/backend/cuda.hpp>
#include <fokker/concept/matrix_products.hpp>

namespace fokker::inline v0::backend {

/// The products of a device's matrices by cuBLAS, in the order of a stream, in the type of their elements: neither
/// TF32 nor another reduced precision. The order of summation, and so the last bits, are cuBLAS's.
/// Throws std::runtime_error where cuBLAS fails, std::invalid_argument for a matrix that it cannot count.
class cublas_products {
 public:
  explicit cublas_products(const kernel::cuda_stream& stream) : stream_(stream.with_device()) {
    const kernel::cuda_device device(stream_);
    check(cublasCreate(&handle_), "cublasCreate");
    check(cublasSetMathMode(handle_, CUBLAS_PEDANTIC_MATH), "cublasSetMathMode");
    check(cublasSetStream(handle_, stream_), "cublasSetStream");
  }
  cublas_products(cublas_products&& other) noexcept
      : stream_(other.stream_), handle_(std::exchange(other.handle_, nullptr)) {}
  cublas_products& operator=(cublas_products&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~cublas_products() {
    const kernel::cuda_device device(stream_);
    if (handle_ != nullptr) cublasDestroy(handle_);
  }

  /// What works in the same order is in this stream, too.
  [[nodiscard]] const kernel::cuda_stream& stream() const { return stream_; }

  /// c = a b^T: a is m x k, b is n x k, all row-major.
  template <class E>
  void times_transposed(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) const {
    times_transposed(1, m, n, k, a, b, c);
  }
  /// c = a b: a is m x k, b is k x n.
  template <class E>
  void times(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) const {
    times(1, m, n, k, a, b, c);
  }
  /// `count` of them, which lie one after the other.
  template <class E>
  void times_transposed(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b,
                        E* c) const {
    gemm(CUBLAS_OP_T, count, m, n, k, a, b, k, c);
  }
  template <class E>
  void times(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) const {
    gemm(CUBLAS_OP_N, count, m, n, k, a, b, n, c);
  }

 private:
  static void check(cublasStatus_t status, const char* call) {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw std::runtime_error(detail::joined({"fokker: cuBLAS's ", call, " failed: ", cublasGetStatusString(status)}));
  }
  [[nodiscard]] static int index(std::size_t count) {
    constexpr auto most = (std::numeric_limits<int>::max)();
    if (count > static_cast<std::size_t>(most))
      detail::refuse("the side of a matrix", count, detail::joined({"up to ", detail::text(most)}));
    return static_cast<int>(count);
  }

  /// Row-major c = a b is column-major c^T = b^T a^T.
  template <class E>
  void gemm(cublasOperation_t of_b, std::size_t count, std::size_t m, std::size_t n, std::size_t k, const E* a,
            const E* b, std::size_t stride_b, E* c) const {
    static_assert(std::is_same_v<E, float> || std::is_same_v<E, double>);
    const kernel::cuda_device device(stream_);
    const E one = 1, zero = 0;
    const auto apart = [](std::size_t rows, std::size_t columns) {
      return static_cast<long long>(rows) * static_cast<long long>(columns);
    };
    const auto all = [&](auto call, const char* name) {
      check(call(handle_, of_b, CUBLAS_OP_N, index(n), index(m), index(k), &one, b, index(stride_b), apart(n, k), a,
                 index(k), apart(m, k), &zero, c, index(n), apart(m, n), index(count)),
            name);
    };
    if constexpr (std::is_same_v<E, float>)
      all(cublasSgemmStridedBatched, "cublasSgemmStridedBatched");
    else
      all(cublasDgemmStridedBatched, "cublasDgemmStridedBatched");
  }

  kernel::cuda_stream stream_;
  cublasHandle_t handle_ = nullptr;
};

}  // namespace fokker::inline v0::backend
