// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <fokker/kernel/cuda.hpp>
#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/thread.hpp>
#include <fokker/noise/per_sample.hpp>
#include <fokker/noise/philox.hpp>

// Updates on a device: the threads of thread.hpp.
namespace fokker::inline v0::kernel::device {

[[nodiscard]] inline unsigned int blocks_of(std::uint64_t threads, std::uint64_t block) {
  const std::uint64_t blocks = (threads + block - 1) / block;
  if (blocks > 0x7fffffffu) detail::refuse("the number of blocks", blocks, "below 2^31, what CUDA can launch");
  return static_cast<unsigned int>(blocks);
}

template <int Inputs, int Normals, int Rows, thread::kind Kind, class C, class E, class Network, class Noise>
__global__ void __launch_bounds__(256)
    update(const __grid_constant__ thread::numbers<C> all, const __grid_constant__ thread::task<E, Network> t,
           const __grid_constant__ Noise noise) {
  const std::uint64_t index = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index < t.threads) thread::update<Inputs, Normals, Rows, Kind>(index, all, t, noise);
}

/// What each sample has of its own, on the device. Copies of at most 64 KiB leave the host free.
template <class Task>
[[nodiscard]] cuda_memory<Task> on_device(const std::vector<Task>& tasks, const cuda_stream& stream) {
  cuda_memory<Task> there(tasks.size(), stream);
  constexpr std::size_t some = 65536 / sizeof(Task);
  for (std::size_t first = 0; first < tasks.size(); first += some)
    cuda_copy(there.data() + first, tasks.data() + first, (std::min)(some, tasks.size() - first), stream);
  return there;
}

/// An update of one sample by itself, and its x before and after.
template <class C, class E>
struct own_task {
  thread::numbers<C> all;
  thread::task<E, E> t;
  const E *from, *to;
};
/// Updates of so many samples, `threads` for each.
template <int Rows, thread::kind Kind, class C, class E>
__global__ void __launch_bounds__(256)
    update_each(const own_task<C, E>* each, const thread::divisor threads, std::uint64_t samples) {
  const std::uint64_t index = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index >= threads.by * samples) return;
  const std::uint64_t which = index / threads;
  const own_task<C, E>& mine = each[which];
  thread::update<plan::max_inputs, 0, Rows, Kind>(index - which * threads.by, mine.all, mine.t, noise::philox{});
}

/// An update on the device.
template <class E, class Network, class Noise>
void launch(const plan::update& u, const operands<E, Network>& at, const Noise& noise, const cuda_stream& stream) {
  const thread::numbers<computed<E, Network>> all(u);
  const thread::task<E, Network> t = thread::task_of(all, at);
  const unsigned int blocks = blocks_of(t.threads, 256);
  thread::choose(all.weights, t, [&](auto inputs, auto normals, auto rows, auto kind) {
    constexpr int I = decltype(inputs)::value, N = decltype(normals)::value, R = decltype(rows)::value;
    cuda_launch("launch of an update", stream, blocks, 256,
                update<I, N, R, decltype(kind)::value, computed<E, Network>, E, Network, Noise>, all, t, noise);
  });
}

/// The normals of samples from this one on as a batch of their own. A source of the user's goes with it, by value: the
/// device reads nothing of the host.
[[nodiscard]] inline noise::philox from_sample(noise::philox noise, std::size_t sample) {
  noise.first_sample += static_cast<std::uint32_t>(sample);
  return noise;
}
[[nodiscard]] inline noise::per_sample from_sample(const noise::per_sample& noise, std::size_t sample) {
  return {noise.each.subspan(sample)};
}
template <class Noise>
struct later {
  Noise of;
  std::uint32_t first;
  [[nodiscard]] FOKKER_HD auto normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    return of.normals(first + sample, block, piece);
  }
};
template <class Noise>
[[nodiscard]] later<Noise> from_sample(const Noise& noise, std::size_t sample) {
  return {noise, static_cast<std::uint32_t>(sample)};
}

/// A source of noise as the device reads it.
template <class Noise>
[[nodiscard]] const Noise& read_by_device(const Noise& noise) {
  return noise;
}
[[nodiscard]] inline thread::seeds read_by_device(const noise::philox& noise) { return thread::seeds(noise); }
[[nodiscard]] inline thread::seeds read_by_device(const noise::per_sample& noise) {
  return thread::seeds(noise.each.data());
}
template <class Noise>
[[nodiscard]] later<Noise> read_by_device(const later<const Noise&>& noise) {
  return {noise.of, noise.first};
}

}  // namespace fokker::inline v0::kernel::device
