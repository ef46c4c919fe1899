// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>

namespace fokker::inline v0::model {

/// What a model reads and writes: `samples` times `size` contiguous elements, the leading dimension being the samples.
/// Throws std::invalid_argument for an x without samples, for an out of another shape, and for one of them
/// without memory.
template <class T>
struct operands {
  using element = typename backend::tensor<T>::element;
  static_assert(std::is_same_v<decltype(backend::tensor<T>::space(std::declval<const T&>())), kernel::host>,
                "fokker: the exact models compute in memory of the host");

  const element* x;
  element* out;
  std::size_t samples;
  std::size_t size;

  operands(T& to, const T& from) {
    const backend::extents shape = detail::shape_of(from, "x");
    detail::require_samples(shape, "x");
    detail::require_shape(detail::shape_of(to, "the prediction"), shape, "the prediction");
    x = detail::data_of(from, "x");
    out = detail::data_of(to, "the prediction");
    samples = shape.samples();
    size = shape.sample_size();
  }
  /// Throws also for samples of another size than the model's.
  operands(T& to, const T& from, std::size_t dimension) : operands(to, from) {
    if (size != dimension)
      detail::refuse("the size of a sample of x", size,
                     detail::joined({detail::text(dimension), ", that of the model's data"}));
  }
};

}  // namespace fokker::inline v0::model
