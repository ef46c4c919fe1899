// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/message.hpp>

/// A backend tells of one tensor type where its data lie, its shape, its memory space and how to make one alike, by
/// specialising `backend::tensor<T>`. Memory is contiguous, the leading dimension counts samples.
namespace fokker::inline v0 {

struct half;
struct bfloat16;

namespace backend {

/// The shape of a tensor, without an allocation: `rank` extents, the first one the number of samples.
struct extents {
  static constexpr int max_rank = 8;
  std::array<std::size_t, max_rank> extent{};
  int rank = 0;

  extents() = default;
  extents(std::initializer_list<std::size_t> list) : extents(std::span(list.begin(), list.size())) {}
  template <class Range>
  requires requires(const Range& r) {
    r.begin() != r.end();
    static_cast<std::size_t>(*r.begin());
  }
  explicit extents(const Range& list) {
    for (const auto e : list) {
      if (rank == max_rank) detail::refuse("the rank of a tensor", "more than 8", "1 to 8");
      extent[static_cast<std::size_t>(rank++)] = static_cast<std::size_t>(e);
    }
  }

  [[nodiscard]] std::size_t samples() const { return rank > 0 ? extent[0] : 0; }
  [[nodiscard]] std::size_t sample_size() const {
    std::size_t size = 1;
    for (int i = 1; i < rank; ++i) size *= extent[static_cast<std::size_t>(i)];
    return size;
  }
  [[nodiscard]] std::size_t size() const { return samples() * sample_size(); }
  friend bool operator==(const extents&, const extents&) = default;
};

[[nodiscard]] inline std::string to_string(const extents& e) {
  std::string text = "(";
  for (int i = 0; i < e.rank; ++i) text += (i > 0 ? ", " : "") + detail::text(e.extent[static_cast<std::size_t>(i)]);
  return text + ")";
}

/// Specialised for each tensor type. `like(t)` makes the memory of another one alike; types that own no memory name it
/// `storage` and say how to look at it with `view(storage&, shape)`. For networks of another element type, optionally:
/// `rebind<F>`, the same tensor of F, and `like<F>(t)`. A type that can have strides says `is_contiguous(const T&)`.
template <class T>
struct tensor;

}  // namespace backend

template <class T>
concept has_element = requires {
  typename backend::tensor<T>::element;
};
template <class T>
concept has_known_element = has_element<T> &&(std::same_as<typename backend::tensor<T>::element, float> ||
                                              std::same_as<typename backend::tensor<T>::element, double> ||
                                              std::same_as<typename backend::tensor<T>::element, half> ||
                                              std::same_as<typename backend::tensor<T>::element, bfloat16>);
template <class T>
concept has_data = requires(T& t, const T& c) {
  { backend::tensor<T>::data(t) } -> std::same_as<typename backend::tensor<T>::element*>;
  { backend::tensor<T>::data(c) } -> std::convertible_to<const typename backend::tensor<T>::element*>;
};
template <class T>
concept has_shape = requires(const T& t) {
  { backend::tensor<T>::shape(t) } -> std::same_as<backend::extents>;
};
template <class T>
concept has_space = requires(const T& t) {
  backend::tensor<T>::space(t);
};
template <class T>
concept has_like = requires(const T& t) {
  backend::tensor<T>::like(t);
};

template <class T>
concept tensor_backend = has_known_element<T> && has_data<T> && has_shape<T> && has_space<T> && has_like<T>;

/// Whether the elements can lie otherwise than row by row, which x and what networks return are asked for.
template <class T>
concept has_is_contiguous = requires(const T& t) {
  { backend::tensor<T>::is_contiguous(t) } -> std::convertible_to<bool>;
};

/// The view that a memory space has of its own memory: `of(pointer, shape, space)`. fk::batch needs it.
namespace backend {
template <class Space>
struct view_in;
}  // namespace backend

/// Whether a copy refers to the memory of its original, as that of a view or of a counted handle does. Such tensors are
/// written where they are const; others tell only `const element*` of a const one.
template <class T>
concept copies_share_memory = requires(const T& t) {
  { backend::tensor<T>::data(t) } -> std::same_as<typename backend::tensor<T>::element*>;
};

/// Whether the tensor can be had with elements of type F as well.
template <class T, class F>
concept has_rebind = requires(const T& t, const typename backend::tensor<T>::template rebind<F>& other) {
  backend::tensor<T>::template like<F>(t);
};

namespace detail {

/// The element type of a tensor; void where no backend knows it, which has been said already.
template <class T>
struct element_of {
  using type = void;
};
template <has_element T>
struct element_of<T> {
  using type = typename backend::tensor<T>::element;
};
/// Its memory space, likewise.
template <class T>
struct space_of {
  using type = void;
};
template <has_space T>
struct space_of<T> {
  using type = std::remove_cvref_t<decltype(backend::tensor<T>::space(std::declval<const T&>()))>;
};

}  // namespace detail

template <class T>
consteval bool check_tensor_backend() {
  constexpr bool constant = std::is_const_v<T> || std::is_const_v<typename detail::element_of<T>::type>;
  constexpr bool pointer = std::is_pointer_v<T>;
  static_assert(
      detail::holds<!constant>,
      "fokker: a tensor that is const cannot be written: give one that is not; docs/concept/tensor_backend.md");
  static_assert(detail::holds<!pointer>,
                "fokker: a pointer has no shape: give 'backend::host_view{pointer, {samples, ...}}', or 'cuda_view' "
                "for memory of a device; docs/backend/host.md");
  static_assert(
      detail::holds < has_element<T> || constant || pointer >,
      "fokker: no backend knows this tensor type: include its header, <fokker/backend/host.hpp> for std::vector, "
      "std::span and host_view, which views any memory by pointer and shape, <fokker/backend/xtensor.hpp> "
      "for xtensor, others in docs/backend/index.md, or specialise 'fokker::backend::tensor', beginning "
      "with 'using element'; docs/concept/tensor_backend.md");
  static_assert(detail::holds < has_known_element<T> || constant || !has_element < T >>,
                "fokker: the elements of a tensor are 'float', 'double', 'fokker::half' or 'fokker::bfloat16'; "
                "docs/concept/tensor_backend.md");
  if constexpr (has_known_element<T>) {
    static_assert(detail::holds<has_data<T>>,
                  "fokker: a backend needs 'static element* data(T&)', and 'data(const T&)' to read; "
                  "docs/concept/tensor_backend.md");
    static_assert(detail::holds<has_shape<T>>,
                  "fokker: a backend needs 'static extents shape(const T&)'; docs/concept/tensor_backend.md");
    static_assert(
        detail::holds<has_space<T>>,
        "fokker: a backend needs 'static auto space(const T&)', its memory space; docs/concept/tensor_backend.md");
    static_assert(detail::holds<has_like<T>>,
                  "fokker: a backend needs 'static auto like(const T&)'; docs/concept/tensor_backend.md");
  }
  return tensor_backend<T>;
}

/// The same of a result, which a function takes as `X&& x`.
template <class X>
consteval bool check_result() {
  using T = std::remove_reference_t<X>;
  constexpr bool lives_on = std::is_lvalue_reference_v<X> || copies_share_memory<T>;
  if constexpr (check_tensor_backend<T>())
    static_assert(detail::holds<lives_on>,
                  "fokker: what is written into a temporary is lost: give a tensor with a name, or a view of one; "
                  "docs/api/sample.md");
  return tensor_backend<T> && lives_on;
}

namespace detail {

template <class T>
concept is_view = requires {
  typename backend::tensor<T>::storage;
};

template <class T, class Pattern>
[[nodiscard]] auto memory_like(const Pattern& pattern) {
  if constexpr (std::is_same_v<T, Pattern>)
    return backend::tensor<T>::like(pattern);
  else
    return backend::tensor<Pattern>::template like<typename backend::tensor<T>::element>(pattern);
}

/// A tensor of the library's own, of the user's type, or of that with other elements.
template <class T>
class alike {
 public:
  template <class Pattern>
  explicit alike(const Pattern& pattern) : tensor_(memory_like<T>(pattern)) {}
  T& get() { return tensor_; }
  [[nodiscard]] const T& get() const { return tensor_; }

 private:
  T tensor_;
};

template <is_view T>
class alike<T> {
 public:
  template <class Pattern>
  explicit alike(const Pattern& pattern)
      : storage_(memory_like<T>(pattern)),
        view_(backend::tensor<T>::view(storage_, backend::tensor<Pattern>::shape(pattern))) {}
  T& get() { return view_; }
  [[nodiscard]] const T& get() const { return view_; }

 private:
  typename backend::tensor<T>::storage storage_;
  T view_;
};

/// The shape of a tensor. Throws std::invalid_argument where its elements do not lie row by row.
template <class T>
[[nodiscard]] backend::extents shape_of(const T& t, std::string_view name) {
  if constexpr (has_is_contiguous<T>)
    if (!backend::tensor<T>::is_contiguous(t))
      refuse(joined({"the memory of ", name}), "not contiguous",
             "elements that lie row by row: copy it into such memory");
  return backend::tensor<T>::shape(t);
}

/// Throws unless there is at least one sample of at least one element, few enough to be numbered.
inline void require_samples(const backend::extents& shape, std::string_view name) {
  if (shape.size() == 0)
    refuse(joined({"the shape of ", name}), to_string(shape), "at least one sample of one element");
  if (shape.samples() > 0xffffffffu) refuse(joined({"the number of samples of ", name}), shape.samples(), "below 2^32");
  if (std::uint64_t{shape.sample_size()} > (std::uint64_t{1} << 34))
    refuse(joined({"the size of a sample of ", name}), shape.sample_size(), "up to 2^34");
}

inline void require_shape(const backend::extents& shape, const backend::extents& expected, std::string_view name) {
  if (!(shape == expected))
    refuse(joined({"the shape of ", name}), to_string(shape), joined({to_string(expected), ", that of x"}));
}

/// Where the elements of a tensor lie. Throws std::invalid_argument where they lie nowhere.
template <class T>
[[nodiscard]] auto* data_of(T& t, std::string_view name) {
  auto* const data = backend::tensor<std::remove_const_t<T>>::data(t);
  if (data == nullptr) refuse(joined({"the data of ", name}), "null", "memory for every element");
  return data;
}

}  // namespace detail
}  // namespace fokker::inline v0
