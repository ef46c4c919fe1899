// SPDX-License-Identifier: MIT
#pragma once

#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
#include <unsupported/Eigen/CXX11/Tensor>
#else  // where Debian has it
#include <eigen3/unsupported/Eigen/CXX11/Tensor>
#endif

#include <array>
#include <cstddef>
#include <type_traits>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/product.hpp>

namespace fokker::inline v0::backend {

/// Eigen::Tensor and its views. The samples are the axis that is slowest in memory: the last one of a column-major
/// tensor, which is what Eigen makes unless told otherwise, and then the shape has the axes in reverse order.
template <class T>
struct eigen_tensor {
  [[nodiscard]] static extents shape(const T& t) {
    std::array<std::size_t, T::NumDimensions> sizes{};
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = static_cast<std::size_t>(t.dimensions()[axis(i)]);
    return extents(sizes);
  }
  [[nodiscard]] static kernel::host space(const T&) { return {}; }

 protected:
  /// Which axis of Eigen's is this one of the shape.
  [[nodiscard]] static std::size_t axis(std::size_t i) {
    return int{T::Layout} == int{Eigen::RowMajor} ? i : std::size_t{T::NumDimensions} - 1 - i;
  }
};

template <class E, int N, int O, class I>
struct tensor<Eigen::Tensor<E, N, O, I>> : eigen_tensor<Eigen::Tensor<E, N, O, I>> {
  using element = E;
  [[nodiscard]] static E* data(Eigen::Tensor<E, N, O, I>& t) { return t.data(); }
  [[nodiscard]] static const E* data(const Eigen::Tensor<E, N, O, I>& t) { return t.data(); }
  template <class F>
  using rebind = Eigen::Tensor<F, N, O, I>;
  template <class F = E>
  [[nodiscard]] static rebind<F> like(const Eigen::Tensor<E, N, O, I>& t) {
    return rebind<F>(t.dimensions());
  }
};

/// `P` is an Eigen::Tensor, which may be const, aligned to `A`.
template <class P, int A>
struct tensor<Eigen::TensorMap<P, A>> : eigen_tensor<Eigen::TensorMap<P, A>> {
  using element = std::conditional_t<std::is_const_v<P>, const typename P::Scalar, typename P::Scalar>;
  template <class F>
  using memory = Eigen::Matrix<F, Eigen::Dynamic, 1>;
  using storage = memory<typename P::Scalar>;
  [[nodiscard]] static element* data(const Eigen::TensorMap<P, A>& t) { return Eigen::TensorMap<P, A>(t).data(); }
  template <class F>
  using rebind = Eigen::TensorMap<typename tensor<std::remove_const_t<P>>::template rebind<F>, A>;
  template <class F = typename P::Scalar>
  [[nodiscard]] static memory<F> like(const Eigen::TensorMap<P, A>& t) {
    return memory<F>(t.size());
  }
  [[nodiscard]] static Eigen::TensorMap<P, A> view(storage& s, const extents& shape) {
    typename P::Dimensions sizes;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      sizes[tensor::axis(i)] = static_cast<typename P::Index>(shape.extent[i]);
    return Eigen::TensorMap<P, A>(s.data(), sizes);
  }
};

template <class E, int N, int O, class I>
struct products<Eigen::Tensor<E, N, O, I>> : kernel::product {};
template <class P, int A>
struct products<Eigen::TensorMap<P, A>> : kernel::product {};

}  // namespace fokker::inline v0::backend
