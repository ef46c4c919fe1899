// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include <xtensor-blas/xblas_config.hpp>  // before the others: 0.21 has it behind what asks whether there is a BLAS

#include <xtensor-blas/xblas.hpp>  // the same path with every xtensor; it includes that by its own paths
#include <xtensor-blas/xlapack.hpp>

#include <fokker/backend/xtensor.hpp>
#include <fokker/concept/matrix_products.hpp>

namespace fokker::inline v0::backend {

/// The products of xtensor's containers by BLAS, on their memory as it lies: nothing is copied. The order of summation,
/// and so the last bits, are the BLAS library's, which may use threads.
/// Throws std::invalid_argument for a matrix that BLAS cannot count.
struct xtensor_products {
  /// c = a b^T: a is m x k, b is n x k.
  template <class E>
  static void times_transposed(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    gemm(cxxblas::Trans, m, n, k, a, b, k, c);
  }
  /// c = a b: a is m x k, b is k x n.
  template <class E>
  static void times(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    gemm(cxxblas::NoTrans, m, n, k, a, b, n, c);
  }
  /// The eigenvalues of a symmetric matrix, and in its place its eigenvectors, a row each, by LAPACK. Throws
  /// std::runtime_error where LAPACK does not converge, as on NaN.
  template <class E>
  static void eigen(std::size_t n, E* matrix, E* values) {
    if (index(n) == 1) {
      values[0] = matrix[0];
      matrix[0] = 1;
      return;
    }
    auto column_major = xt::xtensor<E, 2, xt::layout_type::column_major>::from_shape({n, n});
    std::copy_n(matrix, n * n, column_major.data());
    auto found = xt::xtensor<E, 1>::from_shape({n});
    if (const int failed = xt::lapack::syevd(column_major, 'V', 'U', found); failed != 0)
      throw std::runtime_error("fokker: LAPACK's syevd does not converge");
    std::copy_n(column_major.data(), n * n, matrix);
    std::copy_n(found.data(), n, values);
  }

 private:
  template <class E>
  static void gemm(cxxblas::Transpose of_b, std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b,
                   std::size_t stride_b, E* c) {
    cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, cxxblas::NoTrans, of_b, index(m), index(n), index(k), E{1}, a,
                                    index(k), b, index(stride_b), E{0}, c, index(n));
  }
  [[nodiscard]] static xt::blas_index_t index(std::size_t count) {
    constexpr auto most = (std::numeric_limits<xt::blas_index_t>::max)();
    if (count > static_cast<std::size_t>(most))
      detail::refuse("the side of a matrix", count, detail::joined({"up to ", detail::text(most)}));
    return static_cast<xt::blas_index_t>(count);
  }
};

template <class E, std::size_t N, xt::layout_type L, class A, class Tag>
struct products<xt::xtensor_container<xt::uvector<E, A>, N, L, Tag>> : xtensor_products {};

template <class E, xt::layout_type L, class A, class SA>
struct products<xt::xarray_container<xt::uvector<E, A>, L, xt::svector<std::size_t, 4, SA, true>>> : xtensor_products {
};

}  // namespace fokker::inline v0::backend
