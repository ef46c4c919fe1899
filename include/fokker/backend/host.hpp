// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/product.hpp>

namespace fokker::backend {

/// Memory of the host by its address and shape, not owned: `host_view{pointer, {batch, channels, height, width}}`.
template <class E>
struct host_view {
  E* data = nullptr;
  extents shape;
};
template <class E>
host_view(E*, extents) -> host_view<E>;

/// A vector is a column of samples of one element each; for anything else look at it through `host_view`.
template <class E>
struct tensor<std::vector<E>> {
  using element = E;
  [[nodiscard]] static E* data(std::vector<E>& t) { return t.data(); }
  [[nodiscard]] static const E* data(const std::vector<E>& t) { return t.data(); }
  [[nodiscard]] static extents shape(const std::vector<E>& t) { return {t.size()}; }
  [[nodiscard]] static kernel::host space(const std::vector<E>&) { return {}; }
  [[nodiscard]] static std::vector<E> like(const std::vector<E>& t) { return std::vector<E>(t.size()); }
};

template <class E>
struct tensor<std::span<E>> {
  using element = E;
  using storage = std::vector<E>;
  [[nodiscard]] static E* data(const std::span<E>& t) { return t.data(); }
  [[nodiscard]] static extents shape(const std::span<E>& t) { return {t.size()}; }
  [[nodiscard]] static kernel::host space(const std::span<E>&) { return {}; }
  [[nodiscard]] static storage like(const std::span<E>& t) { return storage(t.size()); }
  [[nodiscard]] static std::span<E> view(storage& s, const std::span<E>&) { return s; }
};

template <class E>
struct tensor<host_view<E>> {
  using element = E;
  using storage = std::vector<E>;
  [[nodiscard]] static E* data(const host_view<E>& t) { return t.data; }
  [[nodiscard]] static extents shape(const host_view<E>& t) { return t.shape; }
  [[nodiscard]] static kernel::host space(const host_view<E>&) { return {}; }
  [[nodiscard]] static storage like(const host_view<E>& t) { return storage(t.shape.size()); }
  [[nodiscard]] static host_view<E> view(storage& s, const host_view<E>& pattern) { return {s.data(), pattern.shape}; }
};

template <class E>
struct products<std::vector<E>> : kernel::product {};
template <class E>
struct products<std::span<E>> : kernel::product {};
template <class E>
struct products<host_view<E>> : kernel::product {};

}  // namespace fokker::backend
