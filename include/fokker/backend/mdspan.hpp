// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/host.hpp>

namespace fokker::inline v0::backend {

/// std::mdspan, Kokkos' and any other that is made as these are, of memory that the host reads by plain pointers; `A`
/// is the accessor that its template is given, and an accessor for memory elsewhere is none of these.
template <class M, class A>
concept host_mdspan = requires(const M& m) {
  requires(M::rank() > 0);
  requires std::same_as<typename M::accessor_type, A>;
  requires std::same_as<typename A::offset_policy, A>;  // no promise of an alignment
  requires std::same_as<typename M::reference, typename M::element_type&>;
  requires std::same_as<typename M::data_handle_type, typename M::element_type*>;
  requires std::is_constructible_v<typename M::mapping_type, typename M::extents_type> ||
      std::is_constructible_v<typename M::mapping_type, typename M::extents_type,
                              std::array<typename M::index_type, M::rank()>>;
  m.data_handle();
  m.extent(0);
  m.stride(0);
};

/// The first axis counts samples, and elements lie row by row, whatever the layout is called.
template <template <class, class, class, class> class Mdspan, class E, class X, class L, template <class> class A>
requires host_mdspan<Mdspan<E, X, L, A<E>>, A<E>>
struct tensor<Mdspan<E, X, L, A<E>>> {
  using mdspan = Mdspan<E, X, L, A<E>>;
  using element = E;
  using storage = std::vector<std::remove_const_t<E>>;
  [[nodiscard]] static E* data(const mdspan& t) { return t.data_handle(); }
  [[nodiscard]] static extents shape(const mdspan& t) {
    std::array<std::size_t, mdspan::rank()> sizes{};
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = static_cast<std::size_t>(t.extent(i));
    return extents(sizes);
  }
  [[nodiscard]] static bool is_contiguous(const mdspan& t) {
    std::size_t stride = 1;
    bool in_rows = true;
    for (std::size_t i = mdspan::rank(); i-- > 0; stride *= static_cast<std::size_t>(t.extent(i)))
      in_rows = in_rows && (t.extent(i) == 1 || static_cast<std::size_t>(t.stride(i)) == stride);
    return in_rows;
  }
  [[nodiscard]] static kernel::host space(const mdspan&) { return {}; }
  template <class F>
  using rebind = Mdspan<F, X, L, A<F>>;
  template <class F = std::remove_const_t<E>>
  [[nodiscard]] static std::vector<F> like(const mdspan& t) {
    return std::vector<F>(shape(t).size());
  }
  [[nodiscard]] static mdspan view(storage& s, const extents& shape) {
    return view(s, shape, std::make_index_sequence<mdspan::rank()>());
  }

 private:
  using mapping = typename mdspan::mapping_type;
  template <std::size_t... I>
  [[nodiscard]] static mdspan view(storage& s, const extents& shape, std::index_sequence<I...>) {
    using index = typename X::index_type;
    const X sizes(static_cast<index>(shape.extent[I])...);
    if constexpr (std::is_constructible_v<mapping, X>) {
      return mdspan(s.data(), mapping(sizes));
    } else {
      std::array<index, sizeof...(I)> strides{};
      index stride = 1;
      for (std::size_t i = strides.size(); i-- > 0; stride = static_cast<index>(stride * sizes.extent(i)))
        strides[i] = stride;
      return mdspan(s.data(), mapping(sizes, strides));
    }
  }
};

}  // namespace fokker::inline v0::backend
