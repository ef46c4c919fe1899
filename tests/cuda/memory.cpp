// SPDX-License-Identifier: MIT
//
// Errors, streams, devices and memory: what the kernels' bits do not show.

#include <fokker/backend/cuda.hpp>
#include <fokker/blend.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/kernel/cuda_stream.hpp>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "stream.hpp"
#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cuda_tensor;
using fk::backend::cuda_view;
using fk::backend::extents;
using fk::backend::host_view;
using fk::kernel::cuda_check;
using test::require;
using test::require_same_bits;
using test::require_thrown;
using test::stream;

namespace {

const fk::noise::philox noise{.seed = 3};

const auto network = [](auto& out, const auto& x, const fk::level& at) { fk::blend(x, x, 0.6 / (1 + at.sigma), out); };

/// Quantiles of many elements, for which memory is taken in the run.
fk::plan::program planned(double threshold) {
  return fk::make_plan(fk::schedule::vp_linear{},
                       fk::parameterization::thresholded{fk::parameterization::epsilon{}, threshold},
                       fk::grid::uniform{.steps = 2}, fk::solver::dpmpp_2m{});
}
const extents shape{1, 17000};

std::vector<float> on_host(const fk::plan::program& plan) {
  std::vector<float> x(shape.size());
  fk::sample(plan, network, noise, host_view<float>{x.data(), shape});
  return x;
}

void errors() {
  const auto plan = planned(0.9);
  cuda_tensor<float> x(shape);
  require(cudaSetDevice(-1) == cudaErrorInvalidDevice, "there is a device -1");  // somebody's, who does not ask
  fk::sample(plan, network, noise, x);
  require_same_bits(x.to_host(), on_host(plan), "a run after somebody's error");
  require(cudaGetLastError() == cudaErrorInvalidDevice, "somebody's error is gone");

  require_thrown<std::runtime_error>([] { const cuda_tensor<float> huge({std::size_t{1} << 50}); }, "cudaMallocAsync");

  const stream s;
  cuda_tensor<float> y(shape, s.handle);
  const auto broken = [](auto&, const auto&, const fk::level&) { throw std::runtime_error("nothing"); };
  require_thrown<std::runtime_error>([&] { const fk::cuda_graph run(plan, broken, noise, y); }, "nothing");
  int calls = 0;
  const auto breaks = [&](auto& out, const auto& from, const fk::level& at) {
    if (++calls > 3) throw std::runtime_error("no more");
    network(out, from, at);
  };
  require_thrown<std::runtime_error>([&] { const fk::cuda_graph run(plan, breaks, noise, y); }, "no more");
  fk::sample(plan, network, noise, y);
  require_same_bits(y.to_host(), on_host(plan), "a run after a capture that failed");
}

void nothing() {
  const fk::kernel::cuda space{};
  const std::vector<float> numbers{1, 2, 3, 4};
  const cuda_tensor<float> x({4}, numbers);
  cuda_tensor<float> y({4}, numbers);
  const cuda_tensor<double> to({4}, std::vector<double>{5, 6, 7, 8});
  double* const results = const_cast<double*>(to.data());
  space.dot(x.data(), x.data(), 0, 4, results);
  space.norm(x.data(), 0, 4, results);
  space.largest(x.data(), 0, 4, results);
  space.quantile(x.data(), 0, 4, 0.5, results);
  space.distances(x.data(), x.data(), 0, 1, 4, results);
  space.centre(x.data(), 4, 0, results, results);
  space.moments(x.data(), 0, 4, reinterpret_cast<fk::kernel::moments*>(results));
  fk::kernel::operands<float> at;
  at.inputs[0] = x.data();
  at.rows[0] = y.data();
  for (const extents& none : {extents{0, 4}, extents{4, 0}}) {
    at.samples = none.samples();
    at.size = none.sample_size();
    space.update(fk::plan::identity(), at, noise);
  }
  require_same_bits(to.to_host(), {5, 6, 7, 8}, "results of no samples");
  require_same_bits(y.to_host(), numbers, "an update of nothing");
  // Sums of nothing are 0, as on the host.
  space.dot(x.data(), x.data(), 1, 0, results);
  space.norm(x.data(), 1, 0, results + 1);
  space.largest(x.data(), 1, 0, results + 2);
  space.distances(x.data(), x.data(), 1, 0, 4, results + 3);
  require_same_bits(to.to_host(), {0, 0, 0, 0}, "sums of nothing");
  require_thrown<std::invalid_argument>([&] { space.quantile(x.data(), 1, 0, 0.5, results); }, "the size of a sample");
}

/// What a graph would copy from memory that is gone when it is launched is not captured.
void captured_copies() {
  const stream s;
  const fk::kernel::cuda space{s.handle};
  const cuda_tensor<float> x({1, 4}, std::vector<float>{1, 2, 3, 4}, s.handle);
  cuda_tensor<float> y({1, 4}, s.handle);
  fk::kernel::operands<float> at;
  at.inputs[0] = x.data();
  at.rows[0] = y.data();
  at.samples = 1;
  at.size = 4;
  const fk::plan::update u = fk::plan::identity();
  const std::vector<fk::kernel::own<fk::plan::update, float>> each{{&u, &at, 0, x.data(), y.data()}};
  const std::vector<float> numbers(4, 1);
  const auto captured = [&](const auto& what) {
    cuda_check(cudaStreamBeginCapture(s.handle, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    require_thrown<std::invalid_argument>(what, "memory of a copy that is captured");
    cudaGraph_t graph = nullptr;
    cuda_check(cudaStreamEndCapture(s.handle, &graph), "cudaStreamEndCapture");
    cuda_check(cudaGraphDestroy(graph), "cudaGraphDestroy");
  };
  captured([&] { space.copy(y.data(), numbers.data(), numbers.size()); });
  captured([&] { space.update(std::span(each), fk::kernel::step_error{}); });
  space.update(std::span(each), fk::kernel::step_error{});
  require_same_bits(y.to_host(), x.to_host(), "the same without a capture");
}

/// The memory of a graph is its own: no launch takes any, and other numbers come into the graph that is there.
void memory_of_graphs() {
  const auto plan = planned(0.9), other = planned(0.5);
  const auto longer = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                    fk::grid::uniform{.steps = 4}, fk::solver::unipc{});
  const stream s;
  const auto take = [](std::size_t bytes, cudaStream_t stream) {
    cudaStreamCaptureStatus status{};
    cuda_check(cudaStreamIsCapturing(stream, &status), "cudaStreamIsCapturing");
    require(status == cudaStreamCaptureStatusNone, "memory is taken in a capture");
    void* at = nullptr;
    cuda_check(cudaMallocAsync(&at, bytes, stream), "cudaMallocAsync");
    return at;
  };
  const auto give_back = [](void* at, std::size_t, cudaStream_t stream) { cudaFreeAsync(at, stream); };
  const fk::kernel::cuda_memory_from scope({take, give_back});
  cuda_tensor<float> x(shape, s.handle);
  fk::kernel::cuda_memory<float> kept;
  const auto keeps = [&](auto& out, const auto& from, const fk::level& at) {
    if (kept.size() == 0) kept = {from.shape().size(), from.stream()};
    fk::kernel::cuda_copy(kept.data(), from.data(), kept.size(), from.stream());
    network(out, from, at);
  };
  {
    fk::cuda_graph first(plan, keeps, noise, x);
    fk::cuda_graph run(std::move(first));
    const auto launched = [&](const fk::plan::program& p, const char* what) {
      for (int again = 0; again < 3; ++again) {
        run.launch();
        require_same_bits(x.to_host(), on_host(p), what);
      }
    };
    launched(plan, "a graph with memory");
    run.recapture(other, keeps, noise, x);
    launched(other, "another plan");
    run.recapture(longer, keeps, noise, x);
    launched(longer, "a plan that needs other memory");
  }
  const auto last = fk::kernel::cuda_to_host(kept.data(), kept.size(), s.handle);
  require(last.size() == shape.size(), "the memory of a denoiser outlives the graph");
}

void allocators() {
  const auto plan = planned(0.9);
  std::size_t taken = 0, given_back = 0;
  const fk::kernel::cuda_allocator counting{[&](std::size_t bytes, cudaStream_t stream) {
                                              void* at = nullptr;
                                              cuda_check(cudaMallocAsync(&at, bytes, stream), "cudaMallocAsync");
                                              taken += bytes;
                                              return at;
                                            },
                                            [&](void* at, std::size_t bytes, cudaStream_t stream) {
                                              cudaFreeAsync(at, stream);
                                              given_back += bytes;
                                            }};
  {
    cuda_tensor<float> x(shape);
    {
      const fk::kernel::cuda_memory_from scope(counting);
      cuda_tensor<float> y(shape);
      fk::sample(plan, network, noise, y);
      require_same_bits(y.to_host(), on_host(plan), "a run in memory of an allocator");
      x = std::move(y);
    }
    require(taken > 3 * shape.size() * sizeof(float), "the run's memory is not the allocator's");
    require(taken == given_back + shape.size() * sizeof(float), "all of it was given back, but for x");
    const std::size_t before = taken;
    fk::sample(plan, network, noise, x);
    require(taken == before, "the allocator is asked when its time is over");
  }
  require(taken == given_back, "x was not given back to its allocator");
  const fk::kernel::cuda_memory_from none(
      {[](std::size_t, cudaStream_t) -> void* { return nullptr; }, [](void*, std::size_t, cudaStream_t) {}});
  require_thrown<std::runtime_error>([] { const cuda_tensor<float> y(shape); }, "the allocator has no memory of 68000");
}

// As CUDA's library and PyTorch have them.
struct stream_ref {
  cudaStream_t of;
  [[nodiscard]] cudaStream_t get() const { return of; }
};
struct torch_stream {
  cudaStream_t of;
  operator cudaStream_t() const { return of; }
};

void names_of_streams() {
  const stream s;
  const auto same = [&](const auto& named) {
    const cuda_tensor<float> x({2, 3}, named), filled({3}, std::vector<float>{1, 2, 3}, named);
    const cuda_view view{filled.data(), filled.shape(), named};
    require(x.stream() == s.handle && filled.stream() == s.handle && view.stream == s.handle, "another stream");
    require(fk::kernel::cuda{named}.stream == s.handle, "another stream of a space");
    require_same_bits(fk::kernel::cuda_to_host(view.data, 3, named), {1, 2, 3}, "what is in it");
  };
  same(s.handle);
  same(stream_ref{s.handle});
  same(torch_stream{s.handle});
}

/// All is done on the device of the tensor, whichever is the current one.
void devices() {
  int count = 0;
  cuda_check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  if (count < 2) throw test::skipped("there is one device");
  const auto plan = planned(0.9);
  const auto set = [](int device) { cuda_check(cudaSetDevice(device), "cudaSetDevice"); };
  {
    set(1);
    const stream s;
    cuda_tensor<float> x(shape, s.handle), y(shape);
    set(0);
    const auto there = [](auto& out, const auto& from, const fk::level& at) {
      int now = -1;
      cuda_check(cudaGetDevice(&now), "cudaGetDevice");
      require(now == 1, "a denoiser is called with the other device");
      network(out, from, at);
    };
    fk::sample(plan, there, noise, x);
    require_same_bits(x.to_host(), on_host(plan), "in a stream of another device");
    const fk::adaptive adaptive(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                fk::solver::bosh3{}, fk::guidance::none{}, {.relative = 0.1, .absolute = 0.1});
    const auto there_each = [&](auto& out, const auto& from, std::span<const fk::level> each) {
      there(out, from, each.front());
    };
    fk::sample_adaptively(adaptive, there_each, noise, x);
    fk::sample(plan, there, noise, y);
    require_same_bits(y.to_host(), on_host(plan), "in the default stream of another device");
    fk::sample(plan, there, noise, cuda_view{y.data(), shape});
    require_same_bits(y.to_host(), on_host(plan), "in memory of another device");
    const fk::cuda_graph run(plan, network, noise, x);
    run.launch();
    require_same_bits(x.to_host(), on_host(plan), "in a graph of another device");
    cuda_tensor<float> here(shape);
    fk::sample(plan, network, noise, here);
    require_same_bits(here.to_host(), on_host(plan), "on the current one");
  }
  int now = -1;
  cuda_check(cudaGetDevice(&now), "cudaGetDevice");
  require(now == 0 && cudaGetLastError() == cudaSuccess, "another device is the current one now");
}

/// A program of CUDA 12.8 runs on a driver of 12.0, which does not know the device of a stream: it is the current one.
void drivers() {
#if __has_include("device.hpp")
  const stream s;
  emulated::old_driver = true;
  const fk::kernel::cuda_stream known = fk::kernel::cuda_stream(s.handle).with_device();
  cuda_check(cudaSetDevice(1), "cudaSetDevice");
  const fk::kernel::cuda_stream other = fk::kernel::cuda_stream(s.handle).with_device();
  cuda_check(cudaSetDevice(0), "cudaSetDevice");
  emulated::old_driver = false;
  require(known.device == 0 && other.device == 1, "a stream has no device");
  require(cudaGetLastError() == cudaSuccess, "the error is the last one still");
#else
  throw test::skipped("this driver is what it is");
#endif
}

}  // namespace

const test::test_case test::memory_tests[] = {
    {"errors are told once, and those of others are left to them", errors},
    {"nothing is done for no samples", nothing},
    {"copies of memory that goes away are not captured", captured_copies},
    {"a graph has memory of its own", memory_of_graphs},
    {"memory comes from the caller's allocator", allocators},
    {"streams have many names", names_of_streams},
    {"tensors stay on their device", devices},
    {"a driver may be older than the runtime", drivers},
    {nullptr, nullptr},
};
