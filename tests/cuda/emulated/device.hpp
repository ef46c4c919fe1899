// SPDX-License-Identifier: MIT
#pragma once

// What nvcc gives to a kernel. Blocks run one after the other; a block's threads are coroutines that meet at barriers
// and shuffles, in order or, in every other block, in the opposite one. A barrier that some never reach ends the
// program.

#include <cuda_runtime_api.h>
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(...)
#define __grid_constant__

// Kernels here have one dimension.
struct emulated_index {
  unsigned int x;
};
inline emulated_index threadIdx, blockIdx, blockDim;

namespace emulated {

class block;
inline block* here = nullptr;  // that runs

class block {
 public:
  block(unsigned int threads, bool backwards, const std::function<void()>& body)
      : body_(body), threads_(threads), backwards_(backwards), states_(threads), turns_(threads), of_thread_(threads) {
    for (auto& values : values_) values.resize(threads);
    here = this;
    while (done_ < threads_)
      if (next_ < threads_)
        start();
      else
        release();
  }

  enum class state { running, at_warp, at_block, done };

  void wait(state at) {
    fiber& mine = *current_;
    states_[mine.thread] = at;
    of_thread_[mine.thread] = &mine;
    if (ready_.empty())
      swapcontext(&mine.context, &scheduler_);
    else
      go_on(mine.context);
  }
  template <class T>
  T shuffle_down(T value, unsigned int apart) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    const unsigned int mine = current_->thread, lane = mine % 32;
    auto& values = values_[turns_[mine]++ % 2];  // those of the turn before may still be read
    std::memcpy(&values[mine], &value, sizeof(T));
    wait(state::at_warp);
    std::memcpy(&value, &values[lane + apart < 32 ? mine + apart : mine], sizeof(T));
    return value;
  }

 private:
  struct fiber {
    ucontext_t context;
    unsigned int thread = 0;
  };
  static constexpr std::size_t stack_size = std::size_t{1} << 15;

  [[nodiscard]] unsigned int place(unsigned int n) const { return backwards_ ? threads_ - 1 - n : n; }

  /// A coroutine that runs one thread after the other, until one waits.
  void start() {
    auto made = std::make_unique<fiber>();
    if (stacks_.size() == fibers_.size()) stacks_.emplace_back(new char[stack_size]);
    getcontext(&made->context);
    made->context.uc_stack.ss_sp = stacks_[fibers_.size()].get();
    made->context.uc_stack.ss_size = stack_size;
    made->context.uc_link = &scheduler_;
    makecontext(
        &made->context, [] { here->run(); }, 0);
    current_ = made.get();
    fibers_.push_back(std::move(made));
    swapcontext(&scheduler_, &current_->context);
  }
  void run() {
    fiber& mine = *current_;
    while (next_ < threads_) {
      mine.thread = place(next_++);
      threadIdx = {mine.thread};
      body_();
      states_[mine.thread] = state::done;
      ++done_;
    }
  }

  /// Lets those go on that wait for nobody any more. A warp runs as far ahead of the others as barriers allow.
  void release() {
    if (run_ahead()) return;
    if (!std::all_of(states_.begin(), states_.end(),
                     [](state s) { return s == state::at_block || s == state::done; })) {
      std::fprintf(stderr, "a barrier or a shuffle that not all threads of block %u reach\n", blockIdx.x);
      std::abort();
    }
    for_each_warp([&](unsigned int begin, unsigned int end) {
      resume(begin, end);
      while (at_shuffle(begin, end)) resume(begin, end);
    });
  }
  bool run_ahead() {
    bool any = false;
    for_each_warp([&](unsigned int begin, unsigned int end) {
      for (; at_shuffle(begin, end); any = true) resume(begin, end);
    });
    return any;
  }
  [[nodiscard]] bool at_shuffle(unsigned int begin, unsigned int end) const {
    return std::all_of(&states_[begin], &states_[begin] + (end - begin), [](state s) { return s == state::at_warp; });
  }
  template <class Work>
  void for_each_warp(Work work) {
    const unsigned int warps = (threads_ + 31) / 32;
    for (unsigned int i = 0; i < warps; ++i) {
      const unsigned int w = backwards_ ? warps - 1 - i : i;
      work(32 * w, std::min(32 * w + 32, threads_));
    }
  }
  void resume(unsigned int begin, unsigned int end) {
    for (unsigned int i = 0; i < end - begin; ++i)  // the last one goes first
      if (const unsigned int t = backwards_ ? begin + i : end - 1 - i; states_[t] != state::done) ready_.push_back(t);
    while (!ready_.empty()) go_on(scheduler_);
  }
  /// From where it is to the next thread that is ready.
  void go_on(ucontext_t& from) {
    const unsigned int t = ready_.back();
    ready_.pop_back();
    states_[t] = state::running;
    current_ = of_thread_[t];
    threadIdx = {t};
    swapcontext(&from, &current_->context);
  }

  // Kept for the next block, and for those that run at the program's end.
  static inline auto& stacks_ = *new std::vector<std::unique_ptr<char[]>>;
  const std::function<void()>& body_;
  unsigned int threads_, next_ = 0, done_ = 0;
  bool backwards_;
  std::vector<state> states_;
  std::vector<unsigned int> ready_;
  std::vector<std::uint64_t> values_[2];
  std::vector<unsigned char> turns_;
  std::vector<std::unique_ptr<fiber>> fibers_;
  std::vector<fiber*> of_thread_;
  fiber* current_ = nullptr;
  ucontext_t scheduler_{};
};

/// `kernel(f).on(grid, block, shared memory, stream)(arguments)` is f<<<grid, ...>>>(arguments).
template <class F>
struct kernel {
  F f;
  explicit kernel(F function) : f(function) {}

  auto on(unsigned int grid, unsigned int threads, int, cudaStream_t stream) const {
    return [f = f, grid, threads, stream](auto... arguments) {
      if (grid == 0) return told(cudaErrorInvalidConfiguration);
      if (device_of(stream) != current) return told(cudaErrorInvalidResourceHandle);
      if (const cudaError_t wrong = takes(stream); wrong != cudaSuccess) return wrong;
      gpu.put(stream, {cudaGraphNodeTypeKernel, [=] {
                         const std::function<void()> body = [&] { f(arguments...); };
                         blockDim = {threads};
                         for (blockIdx.x = 0; blockIdx.x < grid; ++blockIdx.x)
                           block(threads, blockIdx.x % 2 == 1, body);
                       }});
      return cudaSuccess;
    };
  }
};

}  // namespace emulated

template <class... Parameters>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* at, void (*f)(Parameters...),
                               const std::type_identity_t<Parameters>&... arguments) {
  ++emulated::gpu.launched;
  return emulated::kernel(f).on(at->gridDim.x, at->blockDim.x, 0, at->stream)(arguments...);
}

inline void __syncthreads() { emulated::here->wait(emulated::block::state::at_block); }
template <class T>
T __shfl_down_sync(unsigned int, T value, unsigned int apart) {
  return emulated::here->shuffle_down(value, apart);
}
template <class T>
T atomicAdd(T* to, T value) {
  return std::exchange(*to, *to + value);
}
template <class T>
T atomicMax(T* to, T value) {
  return std::exchange(*to, std::max(*to, value));
}
template <class T>
T __ldcg(const T* from) {
  return *from;
}
inline void __threadfence() {}
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return std::sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
