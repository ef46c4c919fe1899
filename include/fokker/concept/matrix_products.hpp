// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/detail/holds.hpp>

/// The matrix products that go with a tensor type: `times_transposed` (c = a b^T) and `times` (c = a b) of row-major
/// matrices, as in kernel/product.hpp. There is no general one: which products a program uses must not depend on which
/// headers one of its files includes.
namespace fokker::inline v0 {

namespace backend {
template <class T>
struct products;
}  // namespace backend

template <class T>
concept has_products = requires {
  sizeof(backend::products<T>);
};

template <class T>
consteval bool check_products() {
  static_assert(
      detail::holds<has_products<T>>,
      "fokker: no matrix products are known for this tensor type: include <fokker/backend/xtensor_blas.hpp> for "
      "xtensor, <fokker/backend/eigen.hpp> for Eigen, <fokker/backend/host.hpp> for memory of the host, or specialise "
      "'fokker::backend::products'; docs/concept/matrix_products.md");
  return has_products<T>;
}

}  // namespace fokker::inline v0
