// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/kernel/cuda_update.cuh>

// Reductions on a device: a block for each sample, or for aligned parts of it where samples are few, adds up in the
// tree of reduction.hpp.
namespace fokker::inline v0::kernel::device {

/// The sum of a warp's 32 values in aligned pairs, the first `count` of them; in lane 0.
template <class Op>
__device__ double tree(const Op& op, double value, int count) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int apart = 1; apart < 32; apart *= 2) {
    const double other = __shfl_down_sync(0xffffffffu, value, apart);
    if (lane % (2 * apart) == 0 && lane + apart < count) value = reduction::joined(op, value, other);
  }
  return value;
}

inline constexpr int warps = 32;

/// What is done with the sum of a sample.
enum class finish { nothing, root, mean, root_of_mean };

/// What an operation reads of an element, and what that adds: first some of them are read, so that their reads are
/// under way at once, and then they are added in order.
template <class A, class B>
struct pair_of {
  A a;
  B b;
};
template <class Op, class A, class B>
__device__ auto read(const Op&, const A* a, const B* b, std::uint64_t begin, int e) {
  if constexpr (Op::pairs)
    return pair_of<A, B>{(a + begin)[e], (b + begin)[e]};
  else
    return (a + begin)[e];
}
template <class Op, class A>
__device__ double added(const Op& op, double sum, const A& a) {
  return portable::add_to(op, sum, static_cast<double>(a), 0.0);
}
template <class A, class B>
__device__ double added(const reduction::dot& op, double sum, const pair_of<A, B>& x) {
  return portable::add_to(op, sum, static_cast<double>(x.a), static_cast<double>(x.b));
}

/// The dot of a with itself, which is read once.
struct squares {
  static constexpr bool pairs = false;
};
template <class A>
__device__ double added(const squares&, double sum, const A& a) {
  return portable::add_to(reduction::dot{}, sum, static_cast<double>(a), static_cast<double>(a));
}

/// Squares of errors a, each as a part of what is allowed on the way of its sample.
template <class C, class E>
struct squared_errors {
  const own_task<C, E>* each;
  tolerance within;
  const E *from = nullptr, *to = nullptr;
  __device__ void begin(std::uint64_t sample) { from = each[sample].from, to = each[sample].to; }
};
template <class E>
struct error_of {
  E error, from, to;
};
template <class C, class E>
__device__ error_of<E> read(const squared_errors<C, E>& op, const E* a, const E*, std::uint64_t begin, int e) {
  return {(a + begin)[e], (op.from + begin)[e], (op.to + begin)[e]};
}
template <class C, class E>
__device__ double added(const squared_errors<C, E>& op, double sum, const error_of<E>& x) {
  const double scaled = portable::scaled_error(op.within, static_cast<double>(x.error), static_cast<double>(x.from),
                                               static_cast<double>(x.to));
  return portable::add_to(reduction::dot{}, sum, scaled, scaled);
}

/// Blocks of a reduction that a multiprocessor has threads and registers for: a division in double needs more of them.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ != 800 && __CUDA_ARCH__ != 900 && __CUDA_ARCH__ / 100 != 10
template <class Op>
inline constexpr int blocks_at_once = 1;
#else
template <class Op>
inline constexpr int blocks_at_once = 2;
#endif
template <class C, class E>
inline constexpr int blocks_at_once<squared_errors<C, E>> = 1;

template <finish Finish>
__device__ double finished(double sum, std::uint64_t size) {
  if constexpr (Finish == finish::mean || Finish == finish::root_of_mean)
    sum = __ddiv_rn(sum, static_cast<double>(size));
  if constexpr (Finish == finish::root || Finish == finish::root_of_mean) sum = __dsqrt_rn(sum);
  return sum;
}

/// A block for each `span` chunks of a sample: a warp takes a chunk, and sums of 32 chunks are joined as a binary
/// counter counts.
template <finish Finish, class Op, class A, class B>
__global__ void __launch_bounds__(32 * warps, blocks_at_once<Op>)
    reduce(Op op, const A* a, const B* b, std::uint64_t size, std::uint64_t span, std::uint64_t parts,
           const moments* about, double* results, int stride) {
  __shared__ double sums[warps];
  const std::uint64_t sample = blockIdx.x / parts, begin_chunk = blockIdx.x % parts * span;
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  a += sample * size;
  b += sample * size;
  if constexpr (std::is_same_v<Op, reduction::squares_about>) op.centre = about[sample].mean;
  if constexpr (requires { op.begin(sample); }) op.begin(sample);
  const std::uint64_t all = (size + reduction::chunk - 1) / reduction::chunk;
  const std::uint64_t chunks = all < begin_chunk + span ? all : begin_chunk + span;
  double joined[40];  // of thread 0: aligned groups of 32 chunks, twice as many ..., the largest first
  std::uint64_t groups = 0;
  int depth = 0;
  for (std::uint64_t first = begin_chunk; first < chunks; first += warps, ++groups) {
    const std::uint64_t chunk = first + warp;
    if (chunk < chunks) {
      const std::uint64_t begin = chunk * reduction::chunk;
      const int count = static_cast<int>(size - begin < reduction::chunk ? size - begin : reduction::chunk);
      using element = decltype(read(op, a, b, begin, 0));
      constexpr int batch = sizeof(element) > 8 ? 4 : 8;
      double sum = 0;
      int e = lane;
#pragma unroll 1
      for (; e + 32 * (batch - 1) < count; e += 32 * batch) {
        element here[batch];
        for (int i = 0; i < batch; ++i) here[i] = read(op, a, b, begin, e + 32 * i);
        for (int i = 0; i < batch; ++i) sum = added(op, sum, here[i]);
      }
#pragma unroll 1
      for (; e < count; e += 32) sum = added(op, sum, read(op, a, b, begin, e));
      sum = tree(op, sum, 32);
      if (lane == 0) sums[warp] = sum;
    }
    __syncthreads();
    if (warp == 0) {
      const int here = chunks - first < warps ? static_cast<int>(chunks - first) : warps;
      const double sum = tree(op, lane < here ? sums[lane] : 0.0, here);
      if (lane == 0) {
        joined[depth++] = sum;
        for (std::uint64_t g = groups; (g & 1) != 0; g >>= 1, --depth)
          joined[depth - 2] = reduction::joined(op, joined[depth - 2], joined[depth - 1]);
      }
    }
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  for (; depth > 1; --depth) joined[depth - 2] = reduction::joined(op, joined[depth - 2], joined[depth - 1]);
  results[blockIdx.x * std::uint64_t(stride)] = finished<Finish>(joined[0], size);
}

/// A block for each sample: what its parts, at most 1024, have left.
template <finish Finish, class Op>
__global__ void __launch_bounds__(32 * warps)
    join(Op op, const double* of_parts, std::uint64_t parts, std::uint64_t size, double* results, int stride) {
  __shared__ double sums[warps];
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  const auto count = static_cast<int>(parts), mine = count - 32 * warp;
  const double sum = tree(op, lane < mine ? of_parts[blockIdx.x * parts + threadIdx.x] : 0.0, mine);
  if (lane == 0) sums[warp] = sum;
  __syncthreads();
  if (warp != 0) return;
  const double result = tree(op, sums[lane], (count + 31) / 32);
  if (lane == 0) results[blockIdx.x * std::uint64_t(stride)] = finished<Finish>(result, size);
}

/// The sum of a block's values; of thread 0.
__device__ inline double sum_of_block(double value, double* of_warps) {
  value = tree(reduction::sum{}, value, 32);
  __syncthreads();
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  return threadIdx.x < 32 ? tree(reduction::sum{}, of_warps[threadIdx.x], 32) : 0;
}

/// A block for each sample of a: a warp takes a sample of b, a lane its elements.
template <class A, class B>
__global__ void __launch_bounds__(32 * warps)
    distances(const A* a, const B* b, std::uint64_t others, std::uint64_t size, double* results) {
  __shared__ double of_warps[warps];
  a += blockIdx.x * size;
  double sum = 0;
  for (std::uint64_t j = threadIdx.x / 32; j < others; j += warps) {
    double square = 0;
    for (std::uint64_t k = threadIdx.x % 32; k < size; k += 32) {
      const double difference = static_cast<double>(a[k]) - static_cast<double>(b[j * size + k]);
      square += difference * difference;
    }
    square = tree(reduction::sum{}, square, 32);
    if (threadIdx.x % 32 == 0) sum += __dsqrt_rn(square);
  }
  sum = sum_of_block(sum, of_warps);
  if (threadIdx.x == 0) results[blockIdx.x] = sum;
}

/// A block for each element.
template <class A>
__global__ void __launch_bounds__(32 * warps)
    centre(const A* a, std::uint64_t samples, std::uint64_t size, double* means, double* rows) {
  __shared__ double of_warps[warps], mean;
  const std::uint64_t k = blockIdx.x;
  double sum = 0;
  for (std::uint64_t s = threadIdx.x; s < samples; s += blockDim.x) sum += static_cast<double>(a[s * size + k]);
  sum = sum_of_block(sum, of_warps);
  if (threadIdx.x == 0) means[k] = mean = __ddiv_rn(sum, static_cast<double>(samples));
  __syncthreads();
  for (std::uint64_t s = threadIdx.x; s < samples; s += blockDim.x)
    rows[k * samples + s] = static_cast<double>(a[s * size + k]) - mean;
}

inline constexpr std::uint64_t enough_blocks = 512;  // two of 1024 threads for each multiprocessor, and some more

/// results[s * stride] = what is left of sample s; `about` tells the means of squares_about.
template <finish Finish, class Op, class A, class B>
void launch_reduction(const Op& op, const A* a, const B* b, std::size_t samples, std::size_t size, double* results,
                      const cuda_stream& stream, int stride = 1, const moments* about = nullptr) {
  const std::uint64_t chunks = (size + reduction::chunk - 1) / reduction::chunk;
  std::uint64_t span = warps;
  const auto parts = [&] { return (chunks + span - 1) / span; };
  while (parts() > 1024 || (parts() > 1 && samples * parts() > enough_blocks)) span *= 2;
  const char* const what = "launch of a reduction";
  if (parts() == 1) {
    cuda_launch(what, stream, blocks_of(samples, 1), 32 * warps, reduce<Finish, Op, A, B>, op, a, b, size, span, 1,
                about, results, stride);
  } else {
    const cuda_memory<double> of_parts(samples * parts(), stream);
    cuda_launch(what, stream, blocks_of(samples * parts(), 1), 32 * warps, reduce<finish::nothing, Op, A, B>, op, a, b,
                size, span, parts(), about, of_parts.data(), 1);
    cuda_launch(what, stream, blocks_of(samples, 1), 32 * warps, join<Finish, Op>, op, of_parts.data(), parts(), size,
                results, stride);
  }
}

}  // namespace fokker::inline v0::kernel::device
