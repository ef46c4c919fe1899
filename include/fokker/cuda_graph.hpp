// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/sample.hpp>

namespace fokker::inline v0 {

namespace detail {

/// Memory of a graph: what is given back is kept, and is given again to who asks for as much in the same stream.
struct kept_memory {
  struct missing : std::runtime_error {
    missing() : runtime_error("fokker: a capture asks for memory that the run before it did not take") {}
  };
  struct block {
    kernel::cuda_memory<std::byte> memory;
    bool taken;
  };
  std::vector<block> blocks;
  kernel::cuda_allocator from = kernel::cuda_memory_from::current();
  bool complete = false;  // takes no more

  void* take(std::size_t bytes, cudaStream_t stream) {
    for (block& b : blocks)
      if (!b.taken && b.memory.size() == bytes && b.memory.stream() == stream) return b.taken = true, b.memory.data();
    if (complete) throw missing();
    blocks.push_back({{bytes, stream, from}, true});
    return blocks.back().memory.data();
  }
  void give_back(const void* at) {
    for (block& b : blocks)
      if (b.memory.data() == at) b.taken = false;
  }
};

}  // namespace detail

/// A whole run as one launch: what `sample` puts into the stream of x, captured. The denoisers must be ones that can
/// be captured: kernels and copies in that stream, without a wait. `sample` runs once before, into x, so that all
/// memory is taken by then; the graph keeps it. What noise::per_sample and a denoiser read from the device is read at
/// each launch, and so may change between two; another plan of the same calls, or another seed, comes by `recapture`.
/// Plan, noise, x and denoisers must outlive the capture, x and the denoisers' memory all launches. Throws
/// std::runtime_error where CUDA refuses.
class cuda_graph {
 public:
  template <class Denoiser, class Noise, class X>
  cuda_graph(const plan::program& plan, Denoiser&& network, const Noise& noise, X& x)
      : stream_(backend::tensor<X>::space(x).stream.with_device()) {
    const kernel::cuda_device device(stream_);
    {
      const kernel::cuda_memory_from kept(allocator_);
      sample(plan, network, noise, x);
    }
    const captured run = capture(plan, network, noise, x);
    kernel::cuda_check(cudaGraphInstantiate(&run_, run.graph, 0), "cudaGraphInstantiate");
  }
  cuda_graph(cuda_graph&& other) noexcept
      : stream_(other.stream_),
        run_(std::exchange(other.run_, nullptr)),
        memory_(std::move(other.memory_)),
        allocator_(std::move(other.allocator_)) {}
  cuda_graph& operator=(cuda_graph&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(run_, other.run_);
    std::swap(memory_, other.memory_);
    std::swap(allocator_, other.allocator_);
    return *this;
  }
  ~cuda_graph() {
    const kernel::cuda_device device(stream_);
    if (run_ != nullptr) kernel::cuda_forget(cudaGraphExecDestroy(run_));
    if (memory_ != nullptr) std::erase_if(memory_->blocks, [](const auto& b) { return !b.taken; });
  }

  /// Puts the run into its stream.
  void launch() const {
    const kernel::cuda_device device(stream_);
    kernel::cuda_check(cudaGraphLaunch(run_, stream_), "cudaGraphLaunch");
  }

  /// Takes the numbers of another plan or seed into the same graph; where its calls are other ones, in a new graph, and
  /// where these need more memory, `sample` runs once before.
  template <class Denoiser, class Noise, class X>
  void recapture(const plan::program& plan, Denoiser&& network, const Noise& noise, X& x) {
    const kernel::cuda_device device(stream_);
    const captured run = capture(plan, network, noise, x);
    cudaGraphExecUpdateResultInfo found{};
    const cudaError_t updated = cudaGraphExecUpdate(run_, run.graph, &found);
    kernel::cuda_forget(updated);  // told by the result, and mended
    if (updated == cudaSuccess) return;
    cudaGraphExec_t other = nullptr;
    kernel::cuda_check(cudaGraphInstantiate(&other, run.graph, 0), "cudaGraphInstantiate");
    kernel::cuda_forget(cudaGraphExecDestroy(std::exchange(run_, other)));
  }

 private:
  struct captured {
    cudaGraph_t graph = nullptr;

    template <class Denoiser, class Noise, class X>
    captured(cudaStream_t stream, const plan::program& plan, Denoiser& network, const Noise& noise, X& x) {
      kernel::cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
      try {
        sample(plan, network, noise, x);
      } catch (...) {
        kernel::cuda_forget(cudaStreamEndCapture(stream, &graph));
        destroy();
        throw;
      }
      const cudaError_t ended = cudaStreamEndCapture(stream, &graph);
      if (ended != cudaSuccess) destroy();
      kernel::cuda_check(ended, "cudaStreamEndCapture");
    }
    captured(const captured&) = delete;
    captured& operator=(const captured&) = delete;
    ~captured() { destroy(); }

   private:
    void destroy() {
      if (graph != nullptr) kernel::cuda_forget(cudaGraphDestroy(std::exchange(graph, nullptr)));
    }
  };

  /// By memory that is there already.
  template <class Denoiser, class Noise, class X>
  [[nodiscard]] captured capture(const plan::program& plan, Denoiser& network, const Noise& noise, X& x) const {
    const kernel::cuda_memory_from kept(allocator_);
    memory_->complete = true;
    try {
      return {stream_, plan, network, noise, x};
    } catch (const detail::kept_memory::missing&) {
      memory_->complete = false;
      sample(plan, network, noise, x);
      memory_->complete = true;
    }
    return {stream_, plan, network, noise, x};
  }

  [[nodiscard]] static kernel::cuda_allocator allocator_of(const std::shared_ptr<detail::kept_memory>& memory) {
    return {[memory](std::size_t bytes, cudaStream_t stream) { return memory->take(bytes, stream); },
            [memory](const void* at, std::size_t, cudaStream_t) { memory->give_back(at); }};
  }

  kernel::cuda_stream stream_;
  cudaGraphExec_t run_ = nullptr;
  // A denoiser's memory may be of it, and outlive the graph.
  std::shared_ptr<detail::kept_memory> memory_ = std::make_shared<detail::kept_memory>();
  kernel::cuda_allocator allocator_ = allocator_of(memory_);
};

}  // namespace fokker::inline v0
