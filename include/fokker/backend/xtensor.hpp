// SPDX-License-Identifier: MIT
#pragma once

#if __has_include(<xtensor/containers/xtensor.hpp>)  // 0.26 and later
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#endif

#include <type_traits>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>

namespace fokker::inline v0::backend {

/// What xt::xtensor and xt::xarray have in common: memory of their own, row-major or, by dynamic layout, anything.
/// `To<F>` is the same container of other elements.
template <class X, template <class> class To>
struct xtensor_container {
  using element = typename X::value_type;
  [[nodiscard]] static element* data(X& t) { return t.data(); }
  [[nodiscard]] static const element* data(const X& t) { return t.data(); }
  /// Throws std::invalid_argument where the elements do not lie row by row.
  [[nodiscard]] static extents shape(const X& t) {
    std::size_t stride = 1;
    for (std::size_t i = t.dimension(); i-- > 0; stride *= t.shape()[i])
      if (t.shape()[i] > 1 && static_cast<std::size_t>(t.strides()[i]) != stride)
        detail::refuse(detail::joined({"stride ", detail::text(i), " of the tensor"}),
                       static_cast<long long>(t.strides()[i]),
                       detail::joined({detail::text(stride), ": memory must be contiguous and row-major"}));
    return extents(t.shape());
  }
  [[nodiscard]] static kernel::host space(const X&) { return {}; }
  template <class F>
  using rebind = To<F>;
  template <class F = element>
  [[nodiscard]] static auto like(const X& t) {
    using like_it = std::conditional_t<std::is_same_v<F, element>, X, To<F>>;
    return like_it::from_shape(t.shape());
  }
};

template <std::size_t N, xt::layout_type L>
struct xtensor_of {
  template <class F>
  using type = xt::xtensor<F, N, L>;
};
template <xt::layout_type L>
struct xarray_of {
  template <class F>
  using type = xt::xarray<F, L>;
};

template <class E, std::size_t N, xt::layout_type L, class A, class Tag>
struct tensor<xt::xtensor_container<xt::uvector<E, A>, N, L, Tag>>
    : xtensor_container<xt::xtensor_container<xt::uvector<E, A>, N, L, Tag>, xtensor_of<N, L>::template type> {};

template <class E, xt::layout_type L, class A, class SA>
struct tensor<xt::xarray_container<xt::uvector<E, A>, L, xt::svector<std::size_t, 4, SA, true>>>
    : xtensor_container<xt::xarray_container<xt::uvector<E, A>, L, xt::svector<std::size_t, 4, SA, true>>,
                        xarray_of<L>::template type> {};

}  // namespace fokker::inline v0::backend
