// SPDX-License-Identifier: MIT
#pragma once

// As much of CUDA's runtime as the tests of the device need, on one thread of the host. All streams are one queue, and
// nothing of it runs before something waits: what reads memory of the host too late, or gives memory back too early, is
// found by the address sanitizer, and so is a host that reads memory of the device. There are two devices, of which
// neither reads the other's memory, and an error stays the last one until it is asked for.

#include <sanitizer/asan_interface.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorCallRequiresNewerDriver = 36,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorStreamCaptureImplicit = 906,
  cudaErrorGraphExecUpdateFailure = 910
};
#define CUDART_VERSION 13000
enum cudaMemcpyKind { cudaMemcpyDeviceToDevice = 3, cudaMemcpyDefault = 4 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal };
enum cudaGraphNodeType {
  cudaGraphNodeTypeKernel,
  cudaGraphNodeTypeMemcpy,
  cudaGraphNodeTypeMemset,
  cudaGraphNodeTypeMemAlloc
};
struct cudaGraphExecUpdateResultInfo {};
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive };
enum cudaMemoryType { cudaMemoryTypeUnregistered, cudaMemoryTypeHost, cudaMemoryTypeDevice };
struct cudaPointerAttributes {
  cudaMemoryType type = cudaMemoryTypeUnregistered;
  int device = -2;
};

namespace emulated {

constexpr int devices = 2;
inline int current = 0;
inline bool old_driver = false;  // of a runtime that asks for a newer one
inline cudaError_t last = cudaSuccess;
inline cudaError_t told(cudaError_t error) {
  if (error != cudaSuccess) last = error;
  return error;
}

struct node {
  cudaGraphNodeType type;
  std::function<void()> run;
  int device = -1;  // whose memory it comes to; -1: all
};
struct graph {
  std::vector<node> nodes;
  std::set<void*> kept;  // memory that is taken in it and not given back
  bool launched = false;
};
struct stream {
  graph* captured = nullptr;
  bool invalid = false;  // a capture that has no end but an error
  int device = current;
};
inline int device_of(const stream* s) { return s == nullptr ? current : s->device; }

/// The stream that is being captured; null: none is.
inline stream* capturing = nullptr;
/// What a stream says to work: the default stream takes none while another one is captured, as it would wait for it.
inline cudaError_t takes(const stream* s) {
  if (s == nullptr && capturing != nullptr) {
    capturing->invalid = true;
    return told(cudaErrorStreamCaptureImplicit);
  }
  return s != nullptr && s->invalid ? told(cudaErrorStreamCaptureInvalidated) : cudaSuccess;
}
/// What a stream says to a wait: while it is captured it does not run.
inline cudaError_t waits(stream* s) {
  if (const cudaError_t wrong = takes(s); wrong != cudaSuccess) return wrong;
  if (s == nullptr || s->captured == nullptr) return cudaSuccess;
  s->invalid = true;
  return told(cudaErrorStreamCaptureUnsupported);
}

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
    if (n.type == cudaGraphNodeTypeKernel) n.device = device_of(s);
    if (s != nullptr && s->captured != nullptr)
      s->captured->nodes.push_back(std::move(n));
    else
      queue_.push_back(std::move(n));
  }
  void put_as_is(const node& n) { queue_.push_back(n); }
  void wait() {
    for (std::vector<node> now; !queue_.empty(); now.clear()) {
      now.swap(queue_);
      int open = none;
      for (const node& n : now) {
        show(std::exchange(open, n.device), n.device);
        n.run();
      }
      show(open, none);
    }
  }

  [[nodiscard]] void* take(std::size_t size, int device) {
    if (used_ + size > memory) return nullptr;
    used_ += size;
    void* at = std::memset(std::malloc(size), 0xff, size);  // NaN, until it is written
    __asan_poison_memory_region(at, size);
    memory_.emplace(at, block{size, device});
    return at;
  }
  void give_back(void* at) {
    used_ -= memory_.at(at).size;
    __asan_unpoison_memory_region(at, memory_.at(at).size);
    memory_.erase(at);
    std::free(at);
  }
  [[nodiscard]] bool has(const void* at) const { return device_of_memory(at) >= 0; }
  [[nodiscard]] int device_of_memory(const void* at) const {
    auto next = memory_.upper_bound(const_cast<void*>(at));
    if (next == memory_.begin()) return none;
    --next;
    return static_cast<const char*>(at) < static_cast<const char*>(next->first) + next->second.size
               ? next->second.device
               : none;
  }
  [[nodiscard]] std::size_t used() const { return used_; }
  std::size_t told = 0;                  // bytes that came to the host
  std::size_t launched = 0, waited = 0;  // kernels, and how often the host asked for a wait

 private:
  static constexpr int none = -2;
  struct block {
    std::size_t size;
    int device;
  };
  /// Lets the memory of another device be read than before; -1: of all, none: of none.
  void show(int before, int now) const {
    if (before == now) return;
    for (const auto& [at, b] : memory_) {
      const bool was = before == -1 || before == b.device, is = now == -1 || now == b.device;
      if (is && !was) __asan_unpoison_memory_region(at, b.size);
      if (was && !is) __asan_poison_memory_region(at, b.size);
    }
  }

  std::vector<node> queue_;
  std::map<void*, block> memory_;
  std::size_t used_ = 0;
};
inline device gpu;

}  // namespace emulated

using cudaStream_t = emulated::stream*;
using cudaGraphNode_t = emulated::node*;
struct cudaLaunchConfig_t {
  struct {
    unsigned int x = 1;
  } gridDim, blockDim;
  cudaStream_t stream = nullptr;
};
using cudaGraph_t = emulated::graph*;
using cudaGraphExec_t = emulated::graph*;

inline const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "another error";
}
inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : "unknown";
}
inline cudaError_t cudaGetLastError() { return std::exchange(emulated::last, cudaSuccess); }
inline cudaError_t cudaGetDeviceCount(int* count) { return *count = emulated::devices, cudaSuccess; }
inline cudaError_t cudaGetDevice(int* device) { return *device = emulated::current, cudaSuccess; }
inline cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= emulated::devices) return emulated::told(cudaErrorInvalidDevice);
  return emulated::current = device, cudaSuccess;
}
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
inline cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  if (const cudaError_t wrong = emulated::waits(s); wrong != cudaSuccess) return wrong;
  ++emulated::gpu.waited;
  return emulated::gpu.wait(), cudaSuccess;
}

inline cudaError_t cudaStreamGetDevice(cudaStream_t s, int* device) {
  if (emulated::old_driver) return emulated::told(cudaErrorCallRequiresNewerDriver);
  return *device = emulated::device_of(s), cudaSuccess;
}
inline cudaError_t cudaStreamIsCapturing(cudaStream_t s, cudaStreamCaptureStatus* to) {
  *to = s != nullptr && s->captured != nullptr ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
inline cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* to, const void* at) {
  to->device = emulated::gpu.device_of_memory(at);
  to->type = to->device >= 0 ? cudaMemoryTypeDevice : cudaMemoryTypeUnregistered;
  return cudaSuccess;
}

inline cudaError_t cudaMallocAsync(void** to, std::size_t size, cudaStream_t s) {
  if (const cudaError_t wrong = emulated::takes(s); wrong != cudaSuccess) return wrong;
  *to = emulated::gpu.take(size, emulated::device_of(s));
  if (*to == nullptr) return emulated::told(cudaErrorMemoryAllocation);
  if (s != nullptr && s->captured != nullptr) {
    s->captured->nodes.push_back({cudaGraphNodeTypeMemAlloc, [] {}});
    s->captured->kept.insert(*to);
  }
  return cudaSuccess;
}
template <class T>
cudaError_t cudaMallocAsync(T** to, std::size_t size, cudaStream_t s) {
  return cudaMallocAsync(reinterpret_cast<void**>(to), size, s);
}
inline cudaError_t cudaFreeAsync(void* at, cudaStream_t s) {
  if (const cudaError_t wrong = emulated::takes(s); wrong != cudaSuccess) return wrong;
  // Memory of a graph lives as long as the graph: a node that owns it, and frees nothing when it runs.
  if (s != nullptr && s->captured != nullptr) {
    if (s->captured->kept.count(at) == 0) {  // a graph gives back nothing but its own
      s->invalid = true;
      return emulated::told(cudaErrorInvalidValue);
    }
    const std::shared_ptr<void> owner(at, [](void* mine) { emulated::gpu.give_back(mine); });
    s->captured->nodes.push_back({cudaGraphNodeTypeMemAlloc, [owner] {}});
    s->captured->kept.erase(at);
  } else if (emulated::gpu.device_of_memory(at) != emulated::device_of(s)) {
    return emulated::told(cudaErrorInvalidValue);
  } else {
    emulated::gpu.put(s, {cudaGraphNodeTypeMemAlloc, [at] { emulated::gpu.give_back(at); }});
  }
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind, cudaStream_t s) {
  if (const cudaError_t wrong = emulated::takes(s); wrong != cudaSuccess) return wrong;
  const bool captured = s != nullptr && s->captured != nullptr;
  if (captured || (emulated::gpu.has(to) && emulated::gpu.has(from))) {
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [=] { std::memcpy(to, from, size); }});
  } else if (emulated::gpu.has(to)) {  // memory of the host that is not pinned is read at once
    const auto* bytes = static_cast<const char*>(from);
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [to, read = std::vector<char>(bytes, bytes + size)] {
                            std::memcpy(to, read.data(), read.size());
                          }});
  } else {  // and written before the call returns
    emulated::gpu.told += size;
    emulated::gpu.put(s, {cudaGraphNodeTypeMemcpy, [=] { std::memcpy(to, from, size); }});
    emulated::gpu.wait();
  }
  return cudaSuccess;
}

inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size, cudaStream_t s) {
  if (const cudaError_t wrong = emulated::takes(s); wrong != cudaSuccess) return wrong;
  emulated::gpu.put(s, {cudaGraphNodeTypeMemset, [=] { std::memset(to, value, size); }});
  return cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode) {
  if (s == nullptr) return emulated::told(cudaErrorStreamCaptureUnsupported);
  emulated::capturing = s;
  return s->captured = new emulated::graph, cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t* to) {
  emulated::capturing = nullptr;
  *to = std::exchange(s->captured, nullptr);
  if (!std::exchange(s->invalid, false)) return cudaSuccess;
  delete std::exchange(*to, nullptr);
  return emulated::told(cudaErrorStreamCaptureInvalidated);
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t g) {
  emulated::gpu.wait();
  delete g;
  return cudaSuccess;
}
inline cudaError_t cudaGraphGetNodes(cudaGraph_t g, cudaGraphNode_t* nodes, std::size_t* count) {
  if (nodes == nullptr) return *count = g->nodes.size(), cudaSuccess;
  for (std::size_t i = 0; i < *count; ++i) nodes[i] = &g->nodes[i];
  return cudaSuccess;
}
inline cudaError_t cudaGraphNodeGetType(cudaGraphNode_t n, cudaGraphNodeType* to) { return *to = n->type, cudaSuccess; }
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* to, cudaGraph_t g, unsigned long long) {
  return *to = new emulated::graph(*g), cudaSuccess;
}
inline cudaError_t cudaGraphExecUpdate(cudaGraphExec_t run, cudaGraph_t g, cudaGraphExecUpdateResultInfo*) {
  bool same = run->nodes.size() == g->nodes.size();
  for (std::size_t i = 0; same && i < g->nodes.size(); ++i)  // nodes that take memory cannot be changed
    same = run->nodes[i].type == g->nodes[i].type && g->nodes[i].type != cudaGraphNodeTypeMemAlloc;
  if (!same) return emulated::told(cudaErrorGraphExecUpdateFailure);
  emulated::gpu.wait();
  return *run = *g, cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t run) {
  emulated::gpu.wait();
  delete run;
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t run, cudaStream_t s) {
  if (!run->kept.empty() && run->launched) return emulated::told(cudaErrorInvalidValue);
  run->launched = true;
  for (const emulated::node& n : run->nodes) emulated::gpu.put_as_is(n);
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
