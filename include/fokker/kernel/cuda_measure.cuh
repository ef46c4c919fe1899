// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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
__device__ void sum_by_warp(std::uint64_t unit, const thread::numbers<double>& form,
                            const thread::sums_task<E, Network>& t, const Noise& noise, double* parts) {
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
__device__ void sum_by_thread(std::uint64_t unit, const thread::numbers<double>& form,
                              const thread::sums_task<E, Network>& t, const Noise& noise, double* parts) {
  if (unit >= t.groups * t.chunks.by) return;
  const std::uint64_t chunk = unit / t.groups, group = unit - chunk * t.groups;  // groups side by side
  double sums[most_sums];
  thread::add_chunk(form, t, noise, group, chunk, sums);
  for (int i = 0; i < t.sums; ++i) put(t, group, chunk, i, sums[i], parts);
}
template <class E, class Network, class Noise>
__global__ void __launch_bounds__(256) sums_by_warps(const __grid_constant__ thread::numbers<double> form,
                                                     const __grid_constant__ thread::sums_task<E, Network> t,
                                                     const __grid_constant__ Noise noise, double* parts) {
  sum_by_warp((std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x) / 32, form, t, noise, parts);
}
template <class E, class Network, class Noise>
__global__ void __launch_bounds__(256) sums_by_threads(const __grid_constant__ thread::numbers<double> form,
                                                       const __grid_constant__ thread::sums_task<E, Network> t,
                                                       const __grid_constant__ Noise noise, double* parts) {
  sum_by_thread(std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x, form, t, noise, parts);
}

/// The sums of one sample by itself, and those of so many samples, `units` for each; all tasks have one shape.
template <class E>
struct own_sums {
  thread::numbers<double> form;
  thread::sums_task<E, E> t;
};
template <bool Warps, class E>
__global__ void __launch_bounds__(256)
    sums_of_each(const own_sums<E>* each, const thread::divisor units, std::uint64_t samples, double* parts) {
  const std::uint64_t unit = (std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x) / (Warps ? 32 : 1);
  const std::uint64_t which = unit / units;
  if (which >= samples) return;
  const own_sums<E>& mine = each[which];
  if (mine.t.chunks.by > 1) parts += which * units.by * static_cast<std::uint64_t>(mine.t.sums);
  if constexpr (Warps)
    sum_by_warp(unit - which * units.by, mine.form, mine.t, noise::philox{}, parts);
  else
    sum_by_thread(unit - which * units.by, mine.form, mine.t, noise::philox{}, parts);
}

/// A block for each 1024 of the `count` parts of a sum, whose sum is joined[sum * blocks + block], or, of the last
/// block, where the sum belongs.
template <class E, class Network>
__device__ void join_block(std::uint64_t block, const thread::sums_task<E, Network>& t, const double* parts,
                           std::uint64_t count, std::uint64_t blocks, double* joined) {
  __shared__ double sums[warps];
  const std::uint64_t which = block / blocks, first = (block - which * blocks) * 1024;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const int here = count - first < 1024 ? static_cast<int>(count - first) : 1024, mine = here - 32 * warp;
  const double sum = tree(reduction::dot{}, lane < mine ? parts[which * count + first + threadIdx.x] : 0.0, mine);
  if (lane == 0) sums[warp] = sum;
  __syncthreads();
  if (warp != 0) return;
  const double result = tree(reduction::dot{}, sums[lane], (here + 31) / 32);
  if (lane != 0) return;
  if (blocks > 1)
    joined[block] = result;
  else
    *thread::place_of(t, static_cast<int>(which / t.groups), which % t.groups) = result;
}
template <class E, class Network>
__global__ void __launch_bounds__(32 * warps)
    join_sums(const __grid_constant__ thread::sums_task<E, Network> t, const double* parts, std::uint64_t count,
              std::uint64_t blocks, double* joined) {
  join_block(blockIdx.x, t, parts, count, blocks, joined);
}
template <class E>
__global__ void __launch_bounds__(32 * warps)
    join_sums_of_each(const own_sums<E>* each, std::uint64_t rows, const double* parts, std::uint64_t count,
                      std::uint64_t blocks, double* joined) {
  const std::uint64_t which = blockIdx.x / (rows * blocks), first = which * rows * blocks;
  if (blocks > 1) joined += first;
  join_block(blockIdx.x - first, each[which].t, parts + which * rows * count, count, blocks, joined);
}

/// A thread for each sample; or a block for each, whose threads take its groups: what is of the whole sample is written
/// when all have read what was there.
template <class C>
__device__ void run_tape(const thread::tape_task& t, std::uint64_t sample) {
  double results[plan::max_operations][1];
  thread::evaluate(t, sample, 0, results);
  thread::write<C>(t, sample, 0, false, results);
}
template <class C>
__device__ void run_tape_by_block(const thread::tape_task& t, std::uint64_t sample, std::uint64_t groups) {
  double results[plan::max_operations][1];
  for (std::uint64_t group = threadIdx.x; group < groups; group += blockDim.x) {
    thread::evaluate(t, sample, group, results);
    thread::write<C>(t, sample, group, true, results);
  }
  __syncthreads();
  if ((groups - 1) % blockDim.x == threadIdx.x) thread::write<C>(t, sample, groups - 1, false, results);
}
template <class C>
__global__ void __launch_bounds__(256)
    tape_of_samples(const __grid_constant__ thread::tape_task t, std::uint64_t samples) {
  const std::uint64_t sample = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (sample < samples) run_tape<C>(t, sample);
}
template <class C>
__global__ void __launch_bounds__(256)
    tape_of_groups(const __grid_constant__ thread::tape_task t, std::uint64_t groups) {
  run_tape_by_block<C>(t, blockIdx.x, groups);
}
/// Those of samples by themselves, whose numbers each tape knows.
template <class C>
__global__ void __launch_bounds__(256) tapes_of_samples(const thread::tape_task* each, std::uint64_t samples) {
  const std::uint64_t which = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (which < samples) run_tape<C>(each[which], 0);
}
template <class C>
__global__ void __launch_bounds__(256) tapes_of_groups(const thread::tape_task* each, std::uint64_t groups) {
  run_tape_by_block<C>(each[blockIdx.x], 0, groups);
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
/// The same of samples that lie anywhere.
template <class E>
__global__ void __launch_bounds__(256) gather_each(const E* const* from, E* to, std::uint64_t all, std::uint64_t size,
                                                   std::uint64_t count, std::uint64_t repeat) {
  const std::uint64_t n = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (n >= all) return;
  const std::uint64_t sample = n / size, e = n - sample * size, group = e / repeat % count;
  const std::uint64_t member = e / repeat / count * repeat + e % repeat;
  to[sample * size + group * (size / count) + member] = from[sample][e];
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

/// The same of samples by themselves.
template <class E>
void launch_sums(const std::vector<own_sums<E>>& tasks, const cuda_stream& stream) {
  const char* const what = "launch of sums";
  const thread::sums_task<E, E>& t = tasks.front().t;
  const cuda_memory<own_sums<E>> each = on_device(tasks, stream);
  const std::uint64_t samples = tasks.size(), rows = static_cast<std::uint64_t>(t.sums) * t.groups;
  const thread::divisor units(t.groups * t.chunks.by);
  cuda_memory<double> parts(t.chunks.by == 1 ? 0 : samples * rows * t.chunks.by, stream);
  if (t.members <= reduction::lanes || t.repeat.by < reduction::lanes)
    cuda_launch(what, stream, blocks_of(samples * units.by, 256), 256, sums_of_each<false, E>, each.data(), units,
                samples, parts.data());
  else
    cuda_launch(what, stream, blocks_of(32 * samples * units.by, 256), 256, sums_of_each<true, E>, each.data(), units,
                samples, parts.data());
  for (std::uint64_t count = t.chunks.by; count > 1;) {
    const std::uint64_t blocks = (count + 1023) / 1024;
    cuda_memory<double> joined(blocks == 1 ? 0 : samples * rows * blocks, stream);
    cuda_launch(what, stream, blocks_of(samples * rows * blocks, 1), 32 * warps, join_sums_of_each<E>, each.data(),
                rows, parts.data(), count, blocks, joined.data());
    parts.swap(joined);
    count = blocks;
  }
}

}  // namespace fokker::inline v0::kernel::device
