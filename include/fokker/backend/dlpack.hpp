// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include <fokker/backend/host.hpp>
#include <fokker/bfloat16.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/half.hpp>

namespace fokker::inline v0 {
namespace backend {

template <class E>
struct cuda_view;

/// DLTensor of anybody's dlpack.h: it is not included here.
template <class T>
concept dlpack_tensor = requires(const T& t) {
  t.data;
  t.device.device_type;
  t.dtype.lanes;
  t.ndim;
  t.shape[0];
  t.strides[0];
  t.byte_offset;
};
/// DLManagedTensor and DLManagedTensorVersioned.
template <class M>
concept dlpack_managed = requires(M& m) {
  requires dlpack_tensor<std::remove_cvref_t<decltype(m.dl_tensor)>>;
  m.deleter(&m);
};

/// A tensor that somebody else gave away: its deleter is called once, when this goes. It moves and is not copied.
/// Throws std::invalid_argument, the tensor being given back, for one that is read-only or of another major version.
template <dlpack_managed M>
class dlpack_owner {
 public:
  explicit dlpack_owner(M* taken) : taken_(taken) {
    if (taken == nullptr) detail::refuse("the tensor", "null", "one that is managed");
    if constexpr (requires { taken->version.major; })
      if (taken->version.major != 1) detail::refuse("the major version of DLPack", taken->version.major, "1");
    if constexpr (requires { taken->flags; })
      if ((taken->flags & 1) != 0) detail::refuse("the tensor", "read-only", "one that may be written");
  }
  [[nodiscard]] const auto& tensor() const { return taken_->dl_tensor; }

 private:
  struct deleter {
    void operator()(M* m) const {
      if (m->deleter != nullptr) m->deleter(m);
    }
  };
  std::unique_ptr<M, deleter> taken_;
};

}  // namespace backend

namespace detail {

/// The type of elements, as "float32".
[[nodiscard]] inline std::string dlpack_type(int code, int bits) {
  constexpr const char* names[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
  const bool known = code >= 0 && code < 7;
  return joined({known ? names[code] : "type ", known ? "" : text(code), known ? "" : " of bits ", text(bits)});
}

/// Where the elements lie, and the shape. Throws std::invalid_argument for other elements than E, for strides that are
/// not those of rows, and for an address that E cannot have.
template <class E, class T>
[[nodiscard]] backend::host_view<E> dlpack_elements(const T& t) {
  static_assert(check_tensor_backend<backend::host_view<E>>() || true);
  const std::string given = dlpack_type(t.dtype.code, t.dtype.bits);
  const std::string asked = dlpack_type(std::is_same_v<E, bfloat16> ? 4 : 2, 8 * static_cast<int>(sizeof(E)));
  if (given != asked) refuse("the type of the tensor's elements", given, asked);
  if (t.dtype.lanes != 1) refuse("the number of lanes of the tensor's elements", t.dtype.lanes, "1");
  if (t.ndim < 0 || t.ndim > backend::extents::max_rank) refuse("the rank of a tensor", t.ndim, "1 to 8");

  const auto rank = static_cast<std::size_t>(t.ndim);
  std::uint64_t stride = 1;
  for (std::size_t i = rank; i-- > 0; stride *= static_cast<std::uint64_t>(t.shape[i])) {
    if (t.shape[i] < 0) refuse(joined({"extent ", text(i), " of the tensor"}), t.shape[i], "0 or more");
    if (t.strides != nullptr && t.shape[i] != 1 && static_cast<std::uint64_t>(t.strides[i]) != stride)
      refuse("the memory of the tensor", "not contiguous", "elements that lie row by row: copy it into such memory");
  }
  if (t.data == nullptr) return {nullptr, backend::extents(std::span(t.shape, rank))};
  char* const first = static_cast<char*>(t.data) + t.byte_offset;
  if (reinterpret_cast<std::uintptr_t>(first) % alignof(E) != 0)
    refuse("the address of the tensor", "between two elements", joined({"a multiple of ", text(alignof(E))}));
  return {reinterpret_cast<E*>(first), backend::extents(std::span(t.shape, rank))};
}

}  // namespace detail

namespace backend {

/// A DLTensor as a view, which must not outlive it, of elements E: float, double, half or bfloat16. Throws
/// std::invalid_argument where it is anything else, or is not memory of the host.
template <class E, dlpack_tensor T>
[[nodiscard]] host_view<E> dlpack_view(const T& t) {
  const int device = static_cast<int>(t.device.device_type);
  if (device != 1 && device != 3)
    detail::refuse("the type of the tensor's device", device, "1 or 3, memory of the host");
  return detail::dlpack_elements<E>(t);
}

/// The same of memory of a CUDA device, in the order of a stream; for this include <fokker/backend/cuda.hpp>.
template <class E, dlpack_tensor T, class Stream>
[[nodiscard]] cuda_view<E> dlpack_cuda_view(const T& t, const Stream& stream) {
  const int device = static_cast<int>(t.device.device_type);
  if (device != 2 && device != 13) detail::refuse("the type of the tensor's device", device, "2 or 13, memory of CUDA");
  const host_view<E> found = detail::dlpack_elements<E>(t);
  return {found.data, found.shape, stream};
}

}  // namespace backend
}  // namespace fokker::inline v0
