// SPDX-License-Identifier: MIT
#pragma once

#include <thrust/device_vector.h>

#include <cstddef>

#include <fokker/backend/cuda.hpp>

namespace fokker::inline v0::backend {

/// Thrust's vector is, like std::vector, a column of samples of one element each, in the order of the default stream;
/// for anything else look at it through `cuda_view`.
template <class E, class A>
struct tensor<thrust::device_vector<E, A>> {
  using element = typename cuda_element<E>::type;
  [[nodiscard]] static element* data(thrust::device_vector<E, A>& t) {
    return reinterpret_cast<element*>(thrust::raw_pointer_cast(t.data()));
  }
  [[nodiscard]] static const element* data(const thrust::device_vector<E, A>& t) {
    return reinterpret_cast<const element*>(thrust::raw_pointer_cast(t.data()));
  }
  [[nodiscard]] static extents shape(const thrust::device_vector<E, A>& t) { return {t.size()}; }
  [[nodiscard]] static kernel::cuda space(const thrust::device_vector<E, A>&) { return {}; }
  template <class F>
  using rebind = thrust::device_vector<F>;
  template <class F = E>
  [[nodiscard]] static thrust::device_vector<F> like(const thrust::device_vector<E, A>& t) {
    return thrust::device_vector<F>(t.size());
  }
};

}  // namespace fokker::inline v0::backend
