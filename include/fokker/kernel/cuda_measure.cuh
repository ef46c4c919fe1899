// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fokker/kernel/cuda_reduction.cuh>

// Measures on a device: sums of groups, and tapes.
namespace fokker::inline v0::kernel::device {

/// A warp for each chunk of a group, or a thread; sums of a group's only chunk go where they belong, others to
/// parts[(i * groups + group) * chunks + chunk].
template <class E, class Network>
__device__ void put(const thread::sums_task<E, Network>& t, std::uint64_t group, std::uint64_t chunk, int i, double sum,
                    double* parts) {
  if (t.chunks.by == 1)
    *thread::place_of(t, i, group) = sum;
  else
    parts[(static_cast<std::uint64_t>(i) * t.groups + group) * t.chunks.by + chunk] = sum;
}
template <class E, class Network, class Noise>
__global__ void __launch_bounds__(256) sums_by_warps(const __grid_constant__ thread::numbers<double> form,
                                                     const __grid_constant__ thread::sums_task<E, Network> t,
                                                     const __grid_constant__ Noise noise, double* parts) {
  const std::uint64_t unit = (std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x) / 32;
  if (unit >= t.groups * t.chunks.by) return;
  const std::uint64_t group = unit / t.chunks, chunk = unit - group * t.chunks.by, begin = chunk * reduction::chunk;
  const std::uint64_t end = t.members - begin < reduction::chunk ? t.members : begin + reduction::chunk;
  double sums[most_sums] = {};
  for (std::uint64_t j = begin + threadIdx.x % 32; j < end; j += 32) thread::add_member(form, t, noise, group, j, sums);
  for (int i = 0; i < t.sums; ++i) {
    const double sum = tree(reduction::dot{}, sums[i], 32);
    if (threadIdx.x % 32 == 0) put(t, group, chunk, i, sum, parts);
  }
}
template <class E, class Network, class Noise>
__global__ void __launch_bounds__(256) sums_by_threads(const __grid_constant__ thread::numbers<double> form,
                                                       const __grid_constant__ thread::sums_task<E, Network> t,
                                                       const __grid_constant__ Noise noise, double* parts) {
  const std::uint64_t unit = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (unit >= t.groups * t.chunks.by) return;
  const std::uint64_t chunk = unit / t.groups, group = unit - chunk * t.groups;  // groups side by side
  double sums[most_sums];
  thread::add_chunk(form, t, noise, group, chunk, sums);
  for (int i = 0; i < t.sums; ++i) put(t, group, chunk, i, sums[i], parts);
}

/// A block for each 1024 of the `count` parts of a sum, whose sum is joined[sum * blocks + block], or, of the last
/// block, where the sum belongs.
template <class E, class Network>
__global__ void __launch_bounds__(32 * warps)
    join_sums(const __grid_constant__ thread::sums_task<E, Network> t, const double* parts, std::uint64_t count,
              std::uint64_t blocks, double* joined) {
  __shared__ double sums[warps];
  const std::uint64_t which = blockIdx.x / blocks, first = (blockIdx.x - which * blocks) * 1024;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int here = count - first < 1024 ? static_cast<int>(count - first) : 1024, mine = here - 32 * warp;
  const double sum = tree(reduction::dot{}, lane < mine ? parts[which * count + first + threadIdx.x] : 0.0, mine);
  if (lane == 0) sums[warp] = sum;
  __syncthreads();
  if (warp != 0) return;
  const double result = tree(reduction::dot{}, sums[lane], (here + 31) / 32);
  if (lane != 0) return;
  if (blocks > 1)
    joined[blockIdx.x] = result;
  else
    *thread::place_of(t, static_cast<int>(which / t.groups), which % t.groups) = result;
}

/// A thread for each sample; or a block for each, whose threads take its groups: what is of the whole sample is written
/// when all have read what was there.
template <class C>
__global__ void __launch_bounds__(256)
    tape_of_samples(const __grid_constant__ thread::tape_task t, std::uint64_t samples) {
  const std::uint64_t sample = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (sample >= samples) return;
  double results[plan::max_operations][1];
  thread::evaluate(t, sample, 0, results);
  thread::write<C>(t, sample, 0, false, results);
}
template <class C>
__global__ void __launch_bounds__(256)
    tape_of_groups(const __grid_constant__ thread::tape_task t, std::uint64_t groups) {
  const std::uint64_t sample = blockIdx.x;
  double results[plan::max_operations][1];
  for (std::uint64_t group = threadIdx.x; group < groups; group += blockDim.x) {
    thread::evaluate(t, sample, group, results);
    thread::write<C>(t, sample, group, true, results);
  }
  __syncthreads();
  if ((groups - 1) % blockDim.x == threadIdx.x) thread::write<C>(t, sample, groups - 1, false, results);
}

/// Members of groups side by side.
template <class E>
__global__ void __launch_bounds__(256)
    gather(const E* from, E* to, std::uint64_t all, std::uint64_t size, std::uint64_t count, std::uint64_t repeat) {
  const std::uint64_t n = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (n >= all) return;
  const std::uint64_t sample = n / size, e = n - sample * size, group = e / repeat % count;
  const std::uint64_t member = e / repeat / count * repeat + e % repeat;
  to[sample * size + group * (size / count) + member] = from[n];
}

/// The sums of one pass. A warp takes members that follow each other, a thread those of few or of which neighbours are
/// of other groups.
template <class E, class Network, class Noise>
void launch_sums(const plan::measure& m, const thread::sums_task<E, Network>& t, const Noise& noise,
                 const cuda_stream& stream) {
  const char* const what = "launch of sums";
  const thread::numbers<double> form(m.form);
  const std::uint64_t units = t.groups * t.chunks.by, rows = static_cast<std::uint64_t>(t.sums) * t.groups;
  cuda_memory<double> parts(t.chunks.by == 1 ? 0 : rows * t.chunks.by, stream);
  if (t.members <= reduction::lanes || t.repeat.by < reduction::lanes)
    cuda_launch(what, stream, blocks_of(units, 256), 256, sums_by_threads<E, Network, Noise>, form, t, noise,
                parts.data());
  else
    cuda_launch(what, stream, blocks_of(32 * units, 256), 256, sums_by_warps<E, Network, Noise>, form, t, noise,
                parts.data());
  for (std::uint64_t count = t.chunks.by; count > 1;) {
    const std::uint64_t blocks = (count + 1023) / 1024;
    cuda_memory<double> joined(blocks == 1 ? 0 : rows * blocks, stream);
    cuda_launch(what, stream, blocks_of(rows * blocks, 1), 32 * warps, join_sums<E, Network>, t, parts.data(), count,
                blocks, joined.data());
    parts.swap(joined);
    count = blocks;
  }
}

}  // namespace fokker::inline v0::kernel::device
