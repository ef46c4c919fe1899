// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/is_finite.hpp>
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

/// What networks return in a run that is captured: the run itself finds the largest magnitude of each output, if that
/// is asked for, and the host reads it when it wants to know.
class outputs_of_graph {
 public:
  outputs_of_graph(bool wanted, const plan::program& plan, const kernel::cuda_stream& stream)
      : branches_(static_cast<std::size_t>(plan.branches)),
        largest_(wanted ? plan.calls.size() * branches_ : 0, stream) {
    if (!wanted) return;
    for (const plan::call& c : plan.calls) calls_.push_back({c.step, c.at.time});
    const kernel::cuda_device device(largest_.stream());  // an output that nobody reads is 0
    kernel::cuda_check(cudaMemsetAsync(largest_.data(), 0, largest_.size() * sizeof(double), largest_.stream()),
                       "cudaMemsetAsync");
  }

  template <class T, class Noise, class Network>
  void operator()(stepper<T, Noise, Network>& run, int branch) const {
    if (largest_.size() == 0) return;
    using tensor = backend::tensor<Network>;
    const Network& output = run.output(branch);
    tensor::space(output).largest(tensor::data(output), 1, shape_of(output, "the network's output").size(),
                                  largest_.data() + run.calls_done() * branches_ + static_cast<std::size_t>(branch));
  }
  /// Throws where one is not finite.
  void require() const {
    if (largest_.size() == 0) refuse("check_finite of the graph", "false", "true, for one that is asked");
    const std::vector<double> found = kernel::cuda_to_host(largest_.data(), largest_.size(), largest_.stream());
    for (std::size_t i = 0; i < found.size(); ++i)
      if (!is_finite(found[i]))
        throw std::runtime_error(
            not_finite(static_cast<int>(i % branches_), calls_[i / branches_].step, calls_[i / branches_].time));
  }

 private:
  struct call {
    int step;
    double time;
  };
  std::vector<call> calls_;
  std::size_t branches_;
  kernel::cuda_memory<double> largest_;  // by call and branch
};

}  // namespace detail

/// A whole run as one launch: what `sample` puts into the stream of x, captured. The denoisers must be ones that can
/// be captured: kernels and copies in that stream, without a wait; so must the observer, which is called in the capture
/// and not by a launch, and cannot stop it. `sample` runs once before, into x, so that all memory is taken by then; the
/// graph keeps it. What is read from the device is read at each launch, and so may change between two: what the run is
/// given, noise::per_sample, and what a denoiser reads. Another plan of the same calls, or another seed, comes by
/// `recapture`. Plan, noise, x, denoisers and observer must outlive the capture, x and all other memory of the device
/// the launches. Throws std::invalid_argument as `sample` does, std::runtime_error where CUDA refuses.
class cuda_graph {
 public:
  template <class Denoiser, class Noise, class X, class Observer = no_observer>
  cuda_graph(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
             sample_options options = {})
      : stream_(stream_of(x).with_device()), outputs_(options.check_finite, plan, stream_) {
    const kernel::cuda_device device(stream_);
    const auto run = run_of(plan, network, noise, static_cast<X&&>(x), observer, options, outputs_);
    {
      const kernel::cuda_memory_from kept(allocator_);
      run();
    }
    const captured found = capture(run);
    kernel::cuda_check(cudaGraphInstantiate(&run_, found.graph, 0), "cudaGraphInstantiate");
  }
  /// The same with options and without an observer.
  template <class Denoiser, class Noise, class X>
  cuda_graph(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, sample_options options)
      : cuda_graph(plan, static_cast<Denoiser&&>(network), noise, static_cast<X&&>(x), no_observer{},
                   std::move(options)) {}
  cuda_graph(cuda_graph&& other) noexcept
      : stream_(other.stream_),
        run_(std::exchange(other.run_, nullptr)),
        outputs_(std::move(other.outputs_)),
        memory_(std::move(other.memory_)),
        allocator_(std::move(other.allocator_)) {}
  cuda_graph& operator=(cuda_graph&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(run_, other.run_);
    std::swap(outputs_, other.outputs_);
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

  /// Waits for the last launch, and throws std::runtime_error naming the step at which a network first returned NaN or
  /// infinity in it. Throws std::invalid_argument without `check_finite`.
  void require_finite() const { outputs_.require(); }

  /// Takes the numbers of another plan or seed into the same graph; where its calls are other ones, in a new graph, and
  /// where these need more memory, `sample` runs once before. x may be another one of the same stream.
  template <class Denoiser, class Noise, class X, class Observer = no_observer>
  void recapture(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
                 sample_options options = {}) {
    if (stream_of(x).handle != stream_.handle) detail::refuse("the stream of x", "another one", "that of the graph");
    const kernel::cuda_device device(stream_);
    detail::outputs_of_graph outputs(options.check_finite, plan, stream_);
    const captured found = capture(run_of(plan, network, noise, static_cast<X&&>(x), observer, options, outputs));
    cudaGraphExecUpdateResultInfo why{};
    const cudaError_t updated = cudaGraphExecUpdate(run_, found.graph, &why);
    kernel::cuda_forget(updated);  // told by the result, and mended
    if (updated != cudaSuccess) {
      cudaGraphExec_t other = nullptr;
      kernel::cuda_check(cudaGraphInstantiate(&other, found.graph, 0), "cudaGraphInstantiate");
      kernel::cuda_forget(cudaGraphExecDestroy(std::exchange(run_, other)));
    }
    outputs_ = std::move(outputs);
  }
  template <class Denoiser, class Noise, class X>
  void recapture(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, sample_options options) {
    recapture(plan, static_cast<Denoiser&&>(network), noise, static_cast<X&&>(x), no_observer{}, std::move(options));
  }

 private:
  struct captured {
    cudaGraph_t graph = nullptr;

    template <class Run>
    captured(cudaStream_t stream, const Run& run) {
      kernel::cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
      try {
        run();
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

  template <class X>
  [[nodiscard]] static kernel::cuda_stream stream_of(const X& x) {
    return backend::tensor<X>::space(x).stream;
  }

  /// What is captured, to be called as often as it takes.
  template <class Denoiser, class Noise, class X, class Observer>
  [[nodiscard]] static auto run_of(const plan::program& plan, Denoiser& network, const Noise& noise, X&& x,
                                   Observer& observer, const sample_options& options,
                                   const detail::outputs_of_graph& outputs) {
    return [&] {
      const auto watch = [&](const progress<std::remove_cvref_t<X>>& seen) {
        static_assert(detail::holds<!std::is_convertible_v<decltype(observer(seen)), bool>>,
                      "fokker: an observer of a cuda_graph returns nothing, as a launch cannot be stopped; "
                      "docs/api/cuda_graph.md");
        observer(seen);
      };
      detail::sample_begun(beginning::noise, plan, detail::as_denoisers(network), noise, static_cast<X&&>(x), watch,
                           options.given, outputs);
    };
  }

  /// By memory that is there already.
  template <class Run>
  [[nodiscard]] captured capture(const Run& run) const {
    const kernel::cuda_memory_from kept(allocator_);
    memory_->complete = true;
    try {
      return {stream_, run};
    } catch (const detail::kept_memory::missing&) {
      memory_->complete = false;
      run();
      memory_->complete = true;
    }
    return {stream_, run};
  }

  [[nodiscard]] static kernel::cuda_allocator allocator_of(const std::shared_ptr<detail::kept_memory>& memory) {
    return {[memory](std::size_t bytes, cudaStream_t stream) { return memory->take(bytes, stream); },
            [memory](const void* at, std::size_t, cudaStream_t) { memory->give_back(at); }};
  }

  kernel::cuda_stream stream_;
  cudaGraphExec_t run_ = nullptr;
  detail::outputs_of_graph outputs_;
  // A denoiser's memory may be of it, and outlive the graph.
  std::shared_ptr<detail::kept_memory> memory_ = std::make_shared<detail::kept_memory>();
  kernel::cuda_allocator allocator_ = allocator_of(memory_);
};

}  // namespace fokker::inline v0
