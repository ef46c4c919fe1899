// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <concepts>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include <fokker/detail/message.hpp>

namespace fokker::inline v0::kernel {

/// Clears CUDA's last error after a call that failed: what is launched next is not to be blamed for it.
inline void cuda_forget(cudaError_t status) noexcept {
  if (status != cudaSuccess) static_cast<void>(cudaGetLastError());
}

/// Throws std::runtime_error with the call and CUDA's own text unless it succeeded, and clears CUDA's last error then.
inline void cuda_check(cudaError_t status, std::string_view call) {
  cuda_forget(status);
  if (status != cudaSuccess)
    throw std::runtime_error(detail::joined(
        {"fokker: CUDA's ", call, " failed: ", cudaGetErrorName(status), ": ", cudaGetErrorString(status)}));
}

/// What others call a stream: cudaStream_t and what converts to it, as PyTorch's CUDAStream does, or what has `get()`,
/// as cuda::stream_ref.
template <class S>
concept has_cuda_stream = std::convertible_to<const S&, cudaStream_t> || requires(const S& s) {
  { s.get() } -> std::convertible_to<cudaStream_t>;
};

/// A stream, and its device where that is known: -1 is the stream's own, and of the default stream the current one.
struct cuda_stream {
  cudaStream_t handle = nullptr;
  int device = -1;

  cuda_stream() = default;
  template <has_cuda_stream S>
  requires(!std::same_as<S, cuda_stream>) cuda_stream(const S& stream, int of = -1)
      : device(of) {  // as implicit as a stream is one
    if constexpr (std::convertible_to<const S&, cudaStream_t>)
      handle = stream;
    else
      handle = stream.get();
  }
  operator cudaStream_t() const { return handle; }

  /// The same with its device.
  [[nodiscard]] cuda_stream with_device() const noexcept {
    cuda_stream known = *this;
    if (device >= 0) return known;
#if CUDART_VERSION >= 12080  // before, and by an older driver, all is on the current device
    if (handle != nullptr) {
      const cudaError_t found = cudaStreamGetDevice(handle, &known.device);
      cuda_forget(found);
      if (found == cudaSuccess) return known;
    }
#endif
    cuda_forget(cudaGetDevice(&known.device));
    return known;
  }
};

/// Makes the device of a stream the current one, as long as this lives.
class cuda_device {
 public:
  explicit cuda_device(const cuda_stream& stream) noexcept {
    if (stream.handle == nullptr && stream.device < 0) return;
    const int wanted = stream.with_device().device;
    int now = wanted;
    cuda_forget(cudaGetDevice(&now));
    if (now == wanted) return;
    before_ = now;
    cuda_forget(cudaSetDevice(wanted));
  }
  cuda_device(const cuda_device&) = delete;
  cuda_device& operator=(const cuda_device&) = delete;
  ~cuda_device() {
    if (before_ >= 0) cuda_forget(cudaSetDevice(before_));
  }

 private:
  int before_ = -1;
};

}  // namespace fokker::inline v0::kernel
