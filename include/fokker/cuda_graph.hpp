// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <utility>

#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/sample.hpp>

namespace fokker::inline v0 {

/// A whole run as one launch: what `sample` puts into the stream of x, captured. The denoisers must be ones that can
/// be captured: kernels and copies in that stream, without a wait. Memory of the run is taken and given back within the
/// graph. What noise::per_sample and a denoiser read from the device is read at each launch, and so may change between
/// two; another plan of the same calls, or another seed, comes by `recapture`. Plan, noise, x and denoisers must
/// outlive the capture, x and the denoisers' memory all launches. Throws std::runtime_error where CUDA refuses.
class cuda_graph {
 public:
  template <class Denoiser, class Noise, class X>
  cuda_graph(const plan::program& plan, Denoiser&& network, const Noise& noise, X& x)
      : stream_(backend::tensor<X>::space(x).stream) {
    const captured run(stream_, plan, network, noise, x);
    kernel::cuda_check(cudaGraphInstantiate(&run_, run.graph, 0), "cudaGraphInstantiate");
  }
  cuda_graph(cuda_graph&& other) noexcept : stream_(other.stream_), run_(std::exchange(other.run_, nullptr)) {}
  cuda_graph& operator=(cuda_graph&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(run_, other.run_);
    return *this;
  }
  ~cuda_graph() {
    if (run_ != nullptr) cudaGraphExecDestroy(run_);
  }

  /// Puts the run into its stream.
  void launch() const { kernel::cuda_check(cudaGraphLaunch(run_, stream_), "cudaGraphLaunch"); }

  /// Takes the numbers of another plan or seed into the same graph; where its calls are other ones, in a new graph.
  template <class Denoiser, class Noise, class X>
  void recapture(const plan::program& plan, Denoiser&& network, const Noise& noise, X& x) {
    const captured run(stream_, plan, network, noise, x);
    cudaGraphExecUpdateResultInfo found{};
    if (cudaGraphExecUpdate(run_, run.graph, &found) == cudaSuccess) return;
    static_cast<void>(cudaGetLastError());  // told by the result, and mended
    cudaGraphExec_t other = nullptr;
    kernel::cuda_check(cudaGraphInstantiate(&other, run.graph, 0), "cudaGraphInstantiate");
    cudaGraphExecDestroy(std::exchange(run_, other));
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
        cudaStreamEndCapture(stream, &graph);
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
      if (graph != nullptr) cudaGraphDestroy(std::exchange(graph, nullptr));
    }
  };

  cudaStream_t stream_ = nullptr;
  cudaGraphExec_t run_ = nullptr;
};

}  // namespace fokker::inline v0
