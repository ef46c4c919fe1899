// SPDX-License-Identifier: MIT
#pragma once

// As much of CUDA's runtime as the tests of the device need, on one thread of the host. All streams are one queue, and
// nothing of it runs before something waits: what reads memory of the host too late, or gives memory back too early, is
// found by the address sanitizer, and so is a host that reads memory of the device.

#include <sanitizer/asan_interface.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

enum cudaError_t { cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorGraphExecUpdateFailure = 910 };
enum cudaMemcpyKind { cudaMemcpyDeviceToDevice = 3, cudaMemcpyDefault = 4 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal };
enum cudaGraphNodeType {
  cudaGraphNodeTypeKernel,
  cudaGraphNodeTypeMemcpy,
  cudaGraphNodeTypeMemset,
  cudaGraphNodeTypeMemAlloc
};
struct cudaGraphExecUpdateResultInfo {};

namespace emulated {

struct node {
  cudaGraphNodeType type;
  std::function<void()> run;
};
struct stream {
  std::vector<node>* captured = nullptr;
};

class device {
 public:
  static constexpr std::size_t memory = std::size_t{1} << 30;

  ~device() {
    wait();
    if (memory_.empty()) return;
    std::fprintf(stderr, "%zu blocks of the device's memory were not given back\n", memory_.size());
    std::_Exit(1);
  }

  void put(stream* s, node n) {
    if (s != nullptr && s->captured != nullptr)
      s->captured->push_back(std::move(n));
    else
      queue_.push_back(std::move(n));
  }
  void wait() {
    for (std::vector<node> now; !queue_.empty(); now.clear()) {
      now.swap(queue_);
      for (const auto& [at, size] : memory_) __asan_unpoison_memory_region(at, size);
      for (const node& n : now) n.run();
      for (const auto& [at, size] : memory_) __asan_poison_memory_region(at, size);
    }
  }

  [[nodiscard]] void* take(std::size_t size) {
    if (used_ + size > memory) return nullptr;
    used_ += size;
    void* at = std::memset(std::malloc(size), 0xff, size);  // NaN, until it is written
    __asan_poison_memory_region(at, size);
    memory_.emplace(at, size);
    return at;
  }
  void give_back(void* at) {
    used_ -= memory_.at(at);
    __asan_unpoison_memory_region(at, memory_.at(at));
    memory_.erase(at);
    std::free(at);
  }
  [[nodiscard]] bool has(const void* at) const {
    auto next = memory_.upper_bound(const_cast<void*>(at));
    if (next == memory_.begin()) return false;
    --next;
    return static_cast<const char*>(at) < static_cast<const char*>(next->first) + next->second;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::vector<node> queue_;
  std::map<void*, std::size_t> memory_;
  std::size_t used_ = 0;
};
inline device gpu;

}  // namespace emulated

using cudaStream_t = emulated::stream*;
using cudaGraphNode_t = emulated::node*;
using cudaGraph_t = std::vector<emulated::node>*;
using cudaGraphExec_t = std::vector<emulated::node>*;

inline const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "another error";
}
inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : "unknown";
}
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline cudaError_t cudaGetDeviceCount(int* count) { return *count = 1, cudaSuccess; }
inline cudaError_t cudaDeviceSynchronize() { return emulated::gpu.wait(), cudaSuccess; }
inline cudaError_t cudaMemGetInfo(std::size_t* left, std::size_t* total) {
  emulated::gpu.wait();
  *total = emulated::device::memory;
  *left = *total - emulated::gpu.used();
  return cudaSuccess;
}

inline cudaError_t cudaStreamCreate(cudaStream_t* s) { return *s = new emulated::stream, cudaSuccess; }
inline cudaError_t cudaStreamDestroy(cudaStream_t s) {
  emulated::gpu.wait();
  delete s;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return emulated::gpu.wait(), cudaSuccess; }

inline cudaError_t cudaMallocAsync(void** to, std::size_t size, cudaStream_t s) {
  *to = emulated::gpu.take(size);
  if (s != nullptr && s->captured != nullptr) s->captured->push_back({cudaGraphNodeTypeMemAlloc, [] {}});
  return *to == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
template <class T>
cudaError_t cudaMallocAsync(T** to, std::size_t size, cudaStream_t s) {
  return cudaMallocAsync(reinterpret_cast<void**>(to), size, s);
}
inline cudaError_t cudaFreeAsync(void* at, cudaStream_t s) {
  // Memory of a graph lives as long as the graph: a node that owns it, and frees nothing when it runs.
  if (s != nullptr && s->captured != nullptr) {
    const std::shared_ptr<void> owner(at, [](void* mine) { emulated::gpu.give_back(mine); });
    s->captured->push_back({cudaGraphNodeTypeMemAlloc, [owner] {}});
  } else {
    emulated::gpu.put(s, {cudaGraphNodeTypeMemAlloc, [at] { emulated::gpu.give_back(at); }});
  }
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind, cudaStream_t s) {
  const bool captured = s != nullptr && s->captured != nullptr;
  if (captured || (emulated::gpu.has(to) && emulated::gpu.has(from))) {
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [=] { std::memcpy(to, from, size); }});
  } else if (emulated::gpu.has(to)) {  // memory of the host that is not pinned is read at once
    const auto* bytes = static_cast<const char*>(from);
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [to, read = std::vector<char>(bytes, bytes + size)] {
                            std::memcpy(to, read.data(), read.size());
                          }});
  } else {  // and written before the call returns
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [=] { std::memcpy(to, from, size); }});
    emulated::gpu.wait();
  }
  return cudaSuccess;
}

inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size, cudaStream_t s) {
  emulated::gpu.put(s, {cudaGraphNodeTypeMemset, [=] { std::memset(to, value, size); }});
  return cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode) {
  return s->captured = new std::vector<emulated::node>, cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t* to) {
  return *to = std::exchange(s->captured, nullptr), cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t g) {
  emulated::gpu.wait();
  delete g;
  return cudaSuccess;
}
inline cudaError_t cudaGraphGetNodes(cudaGraph_t g, cudaGraphNode_t* nodes, std::size_t* count) {
  if (nodes == nullptr) return *count = g->size(), cudaSuccess;
  for (std::size_t i = 0; i < *count; ++i) nodes[i] = &(*g)[i];
  return cudaSuccess;
}
inline cudaError_t cudaGraphNodeGetType(cudaGraphNode_t n, cudaGraphNodeType* to) { return *to = n->type, cudaSuccess; }
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* to, cudaGraph_t g, unsigned long long) {
  return *to = new std::vector<emulated::node>(*g), cudaSuccess;
}
inline cudaError_t cudaGraphExecUpdate(cudaGraphExec_t run, cudaGraph_t g, cudaGraphExecUpdateResultInfo*) {
  if (run->size() != g->size()) return cudaErrorGraphExecUpdateFailure;
  emulated::gpu.wait();
  return *run = *g, cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t run) {
  emulated::gpu.wait();
  delete run;
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t run, cudaStream_t s) {
  for (const emulated::node& n : *run) emulated::gpu.put(s, n);
  return cudaSuccess;
}

// The host's own clock, at the place of an event in the queue.
using cudaEvent_t = std::chrono::steady_clock::time_point*;
inline cudaError_t cudaEventCreate(cudaEvent_t* e) {
  return *e = new std::chrono::steady_clock::time_point, cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t e) {
  emulated::gpu.wait();
  delete e;
  return cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  emulated::gpu.put(s, {cudaGraphNodeTypeKernel, [e] { *e = std::chrono::steady_clock::now(); }});
  return cudaSuccess;
}
inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return emulated::gpu.wait(), cudaSuccess; }
inline cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(*end - *begin).count();
  return cudaSuccess;
}

struct cudaDeviceProp {
  char name[256];
};
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  std::snprintf(p->name, sizeof p->name, "none");
  return cudaSuccess;
}
