// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/product.hpp>

namespace fokker::inline v0::backend {

/// Memory of the host by its address and shape, not owned: `host_view{pointer, {batch, channels, height, width}}`.
template <class E>
struct host_view {
  E* data = nullptr;
  extents shape;
};
template <class E>
host_view(E*, extents) -> host_view<E>;

/// Memory in a row as a single sample, where a vector or a span by itself is a column of samples of one element each.
template <class E>
[[nodiscard]] host_view<E> one_sample(std::span<E> x) {
  return {x.data(), {1, x.size()}};
}
template <class E>
[[nodiscard]] host_view<E> one_sample(std::vector<E>& x) {
  return one_sample(std::span<E>(x));
}

/// A vector is a column of samples of one element each; for anything else look at it through `host_view`.
template <class E>
struct tensor<std::vector<E>> {
  using element = E;
  [[nodiscard]] static E* data(std::vector<E>& t) { return t.data(); }
  [[nodiscard]] static const E* data(const std::vector<E>& t) { return t.data(); }
  [[nodiscard]] static extents shape(const std::vector<E>& t) { return {t.size()}; }
  [[nodiscard]] static kernel::host space(const std::vector<E>&) { return {}; }
  template <class F>
  using rebind = std::vector<F>;
  template <class F = E>
  [[nodiscard]] static std::vector<F> like(const std::vector<E>& t) {
    return std::vector<F>(t.size());
  }
};

template <class E>
struct tensor<std::span<E>> {
  using element = E;
  using storage = std::vector<E>;
  [[nodiscard]] static E* data(const std::span<E>& t) { return t.data(); }
  [[nodiscard]] static extents shape(const std::span<E>& t) { return {t.size()}; }
  [[nodiscard]] static kernel::host space(const std::span<E>&) { return {}; }
  template <class F>
  using rebind = std::span<F>;
  template <class F = E>
  [[nodiscard]] static std::vector<F> like(const std::span<E>& t) {
    return std::vector<F>(t.size());
  }
  [[nodiscard]] static std::span<E> view(storage& s, const extents&) { return s; }
};

template <class E>
struct tensor<host_view<E>> {
  using element = E;
  using storage = std::vector<E>;
  [[nodiscard]] static E* data(const host_view<E>& t) { return t.data; }
  [[nodiscard]] static extents shape(const host_view<E>& t) { return t.shape; }
  [[nodiscard]] static kernel::host space(const host_view<E>&) { return {}; }
  template <class F>
  using rebind = host_view<F>;
  template <class F = E>
  [[nodiscard]] static std::vector<F> like(const host_view<E>& t) {
    return std::vector<F>(t.shape.size());
  }
  [[nodiscard]] static host_view<E> view(storage& s, const extents& shape) { return {s.data(), shape}; }
};
template <>
struct view_in<kernel::host> {
  template <class E>
  [[nodiscard]] static host_view<E> of(E* data, const extents& shape, const kernel::host&) {
    return {data, shape};
  }
};

template <class E>
struct products<std::vector<E>> : kernel::product {};
template <class E>
struct products<std::span<E>> : kernel::product {};
template <class E>
struct products<host_view<E>> : kernel::product {};

}  // namespace fokker::inline v0::backend
