// SPDX-License-Identifier: MIT
#pragma once

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#else  // where Debian has it
#include <eigen3/Eigen/Core>
#include <eigen3/Eigen/Eigenvalues>
#endif

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>

namespace fokker::inline v0::backend {

/// The same matrix or array with elements F.
template <class M, class F>
struct eigen_with;
template <class E, int R, int C, int O, int MR, int MC, class F>
struct eigen_with<Eigen::Matrix<E, R, C, O, MR, MC>, F> {
  using type = Eigen::Matrix<F, R, C, O, MR, MC>;
};
template <class E, int R, int C, int O, int MR, int MC, class F>
struct eigen_with<Eigen::Array<E, R, C, O, MR, MC>, F> {
  using type = Eigen::Array<F, R, C, O, MR, MC>;
};

/// Eigen's matrices, arrays and views of them. A sample is what lies together in memory: a column of a column-major
/// matrix, which is what Eigen makes unless told otherwise, and a row of a row-major one. A vector is one sample.
template <class M>
struct eigen_dense {
  using element = std::remove_pointer_t<decltype(std::declval<M&>().data())>;
  [[nodiscard]] static extents shape(const M& t) {
    return {static_cast<std::size_t>(t.outerSize()), static_cast<std::size_t>(t.innerSize())};
  }
  [[nodiscard]] static kernel::host space(const M&) { return {}; }
};

/// Those that own their memory.
template <class M>
struct eigen_matrix : eigen_dense<M> {
  using element = typename M::Scalar;
  [[nodiscard]] static element* data(M& t) { return t.data(); }
  [[nodiscard]] static const element* data(const M& t) { return t.data(); }
  template <class F>
  using rebind = typename eigen_with<M, F>::type;
  template <class F = element>
  [[nodiscard]] static rebind<F> like(const M& t) {
    rebind<F> other;
    other.resize(t.rows(), t.cols());
    return other;
  }
};

/// Those that look at memory of others. `M` is a view of a `P`, which may be const, aligned to `A`, by strides `S`.
template <class M, class P, int A, class S>
struct eigen_view : eigen_dense<M> {
  using element = typename eigen_dense<M>::element;
  template <class F>
  using memory = Eigen::Matrix<F, Eigen::Dynamic, 1>;
  using storage = memory<std::remove_const_t<element>>;
  [[nodiscard]] static element* data(const M& t) { return M(t).data(); }
  [[nodiscard]] static bool is_contiguous(const M& t) {
    return (t.innerSize() <= 1 || t.innerStride() == 1) && (t.outerSize() <= 1 || t.outerStride() == t.innerSize());
  }
  template <class F = std::remove_const_t<element>>
  [[nodiscard]] static memory<F> like(const M& t) {
    return memory<F>(t.size());
  }
  [[nodiscard]] static M view(storage& s, const extents& shape) {
    const auto outer = static_cast<Eigen::Index>(shape.samples()),
               inner = static_cast<Eigen::Index>(shape.sample_size());
    return M(
        Eigen::Map<P, A, S>(s.data(), P::IsRowMajor ? outer : inner, P::IsRowMajor ? inner : outer, strides(inner)));
  }

 private:
  [[nodiscard]] static S strides(Eigen::Index from_sample_to_sample) {
    constexpr Eigen::Index o = S::OuterStrideAtCompileTime, i = S::InnerStrideAtCompileTime;
    const Eigen::Index outer = o == Eigen::Dynamic ? from_sample_to_sample : o, inner = i == Eigen::Dynamic ? 1 : i;
    if constexpr (std::is_constructible_v<S, Eigen::Index, Eigen::Index>)
      return S(outer, inner);
    else
      return S(o != 0 ? outer : inner);
  }
};

template <class E, int R, int C, int O, int MR, int MC>
struct tensor<Eigen::Matrix<E, R, C, O, MR, MC>> : eigen_matrix<Eigen::Matrix<E, R, C, O, MR, MC>> {};
template <class E, int R, int C, int O, int MR, int MC>
struct tensor<Eigen::Array<E, R, C, O, MR, MC>> : eigen_matrix<Eigen::Array<E, R, C, O, MR, MC>> {};
template <class P, int A, class S>
struct tensor<Eigen::Map<P, A, S>> : eigen_view<Eigen::Map<P, A, S>, P, A, S> {
  template <class F>
  using rebind = Eigen::Map<typename eigen_with<P, F>::type, A, S>;
};
template <class P, int A, class S>
struct tensor<Eigen::Ref<P, A, S>> : eigen_view<Eigen::Ref<P, A, S>, P, A, S> {
  template <class F>
  using rebind = Eigen::Ref<typename eigen_with<P, F>::type, A, S>;
};

/// The products and eigenvalues of matrices by Eigen. The order of summation, and so the last bits, are Eigen's, which
/// depend on the processor that it is compiled for.
struct eigen_products {
  /// c = a b^T: a is m x k, b is n x k.
  template <class E>
  static void times_transposed(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    matrix(c, m, n).noalias() = matrix(a, m, k) * matrix(b, n, k).transpose();
  }
  /// c = a b: a is m x k, b is k x n.
  template <class E>
  static void times(std::size_t m, std::size_t n, std::size_t k, const E* a, const E* b, E* c) {
    matrix(c, m, n).noalias() = matrix(a, m, k) * matrix(b, k, n);
  }
  /// The eigenvalues of a symmetric matrix, and in its place its eigenvectors, a row each. Throws std::runtime_error
  /// where Eigen does not converge, as on NaN.
  template <class E>
  static void eigen(std::size_t n, E* symmetric, E* values) {
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<E, Eigen::Dynamic, Eigen::Dynamic>> found(
        matrix(symmetric, n, n));
    if (found.info() != Eigen::Success) throw std::runtime_error("fokker: Eigen's eigenvalues do not converge");
    std::copy_n(found.eigenvectors().data(), n * n, symmetric);  // column-major: a row each
    std::copy_n(found.eigenvalues().data(), n, values);
  }

 private:
  template <class E>
  static auto matrix(E* data, std::size_t rows, std::size_t columns) {
    using plain = Eigen::Matrix<std::remove_const_t<E>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<std::conditional_t<std::is_const_v<E>, const plain, plain>>(data, static_cast<Eigen::Index>(rows),
                                                                                  static_cast<Eigen::Index>(columns));
  }
};

template <class E, int R, int C, int O, int MR, int MC>
struct products<Eigen::Matrix<E, R, C, O, MR, MC>> : eigen_products {};
template <class E, int R, int C, int O, int MR, int MC>
struct products<Eigen::Array<E, R, C, O, MR, MC>> : eigen_products {};
template <class P, int A, class S>
struct products<Eigen::Map<P, A, S>> : eigen_products {};
template <class P, int A, class S>
struct products<Eigen::Ref<P, A, S>> : eigen_products {};

}  // namespace fokker::inline v0::backend
