// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/kernel/cuda_stream.hpp>

namespace fokker::inline v0::kernel {

/// How memory of a device, the current one, is taken and given back in the order of a stream: by CUDA's pool, or by
/// functions of the caller's, `take(bytes, stream)`, which throws or returns null where there is none, and
/// `give_back(address, bytes, stream)`. Copies share them.
class cuda_allocator {
 public:
  cuda_allocator() = default;
  template <class Take, class GiveBack>
  cuda_allocator(Take take, GiveBack give_back) {
    using both = std::pair<Take, GiveBack>;
    of_ = std::make_shared<both>(std::move(take), std::move(give_back));
    take_ = [](void* of, std::size_t bytes, cudaStream_t stream) -> void* {
      return static_cast<both*>(of)->first(bytes, stream);
    };
    give_back_ = [](void* of, void* at, std::size_t bytes, cudaStream_t stream) {
      static_cast<both*>(of)->second(at, bytes, stream);
    };
  }

  [[nodiscard]] void* take(std::size_t bytes, cudaStream_t stream) const {
    void* at = nullptr;
    if (of_ == nullptr)
      cuda_check(cudaMallocAsync(&at, bytes, stream), "cudaMallocAsync");
    else if (at = take_(of_.get(), bytes, stream); at == nullptr)
      throw std::runtime_error(
          detail::joined({"fokker: the allocator has no memory of ", detail::text(bytes), " bytes"}));
    return at;
  }
  void give_back(void* at, std::size_t bytes, cudaStream_t stream) const {
    if (of_ == nullptr)
      cuda_forget(cudaFreeAsync(at, stream));  // a destructor has nobody to tell
    else
      give_back_(of_.get(), at, bytes, stream);
  }

 private:
  std::shared_ptr<void> of_;
  void* (*take_)(void*, std::size_t, cudaStream_t) = nullptr;
  void (*give_back_)(void*, void*, std::size_t, cudaStream_t) = nullptr;
};

/// As long as this lives, what this thread takes of a device's memory comes from an allocator, and goes back to it,
/// whenever that is.
class cuda_memory_from {
 public:
  explicit cuda_memory_from(cuda_allocator from) : before_(std::exchange(current(), std::move(from))) {}
  cuda_memory_from(const cuda_memory_from&) = delete;
  cuda_memory_from& operator=(const cuda_memory_from&) = delete;
  ~cuda_memory_from() { current() = std::move(before_); }

  /// The allocator of this thread.
  [[nodiscard]] static cuda_allocator& current() {
    thread_local cuda_allocator now;
    return now;
  }

 private:
  cuda_allocator before_;
};

/// Memory of the stream's device for `size` elements, taken and given back in the order of a stream; not initialised.
/// The stream must outlive it. Throws std::runtime_error where there is no such memory.
template <class E>
class cuda_memory {
 public:
  cuda_memory() = default;
  cuda_memory(std::size_t size, const cuda_stream& stream, cuda_allocator from = cuda_memory_from::current())
      : size_(size), stream_(stream.with_device()), from_(std::move(from)) {
    if (size == 0) return;
    const cuda_device device(stream_);
    data_ = static_cast<E*>(from_.take(size * sizeof(E), stream_));
  }
  cuda_memory(cuda_memory&& other) noexcept { swap(other); }
  cuda_memory& operator=(cuda_memory&& other) noexcept {
    cuda_memory(std::move(other)).swap(*this);
    return *this;
  }
  ~cuda_memory() {
    if (data_ == nullptr) return;
    const cuda_device device(stream_);
    from_.give_back(data_, size_ * sizeof(E), stream_);
  }

  [[nodiscard]] E* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const cuda_stream& stream() const { return stream_; }

  void swap(cuda_memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
    std::swap(from_, other.from_);
  }

 private:
  E* data_ = nullptr;
  std::size_t size_ = 0;
  cuda_stream stream_;
  cuda_allocator from_;
};

/// Throws where a graph that is being captured would come to this memory when it is launched, and may not find it.
inline void require_kept(std::initializer_list<const void*> memory, const cuda_stream& stream) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  if (stream != nullptr) cuda_check(cudaStreamIsCapturing(stream, &status), "cudaStreamIsCapturing");
  if (status == cudaStreamCaptureStatusNone) return;
  for (const void* at : memory) {
    cudaPointerAttributes found{};
    cuda_check(cudaPointerGetAttributes(&found, at), "cudaPointerGetAttributes");
    if (found.type == cudaMemoryTypeUnregistered)
      detail::refuse("memory of a copy that is captured", "the host's and not pinned",
                     "a device's, or pinned, which each launch finds again");
  }
}

/// Copies `count` elements between host and device, in the order of the stream. Memory of the host that is not pinned
/// is read before it returns; such memory throws std::invalid_argument where the stream is being captured.
template <class E>
void cuda_copy(E* to, const E* from, std::size_t count, const cuda_stream& stream) {
  if (count == 0) return;
  const cuda_device device(stream);
  require_kept({from, to}, stream);
  cuda_check(cudaMemcpyAsync(to, from, count * sizeof(E), cudaMemcpyDefault, stream), "cudaMemcpyAsync");
}

/// The elements on the host, once the stream has come so far.
template <class E>
[[nodiscard]] std::vector<E> cuda_to_host(const E* from, std::size_t count, const cuda_stream& stream) {
  std::vector<E> here(count);
  cuda_copy(here.data(), from, count, stream);
  const cuda_device device(stream);
  cuda_check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return here;
}

}  // namespace fokker::inline v0::kernel
