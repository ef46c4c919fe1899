// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <fokker/kernel/cuda.hpp>
#include <fokker/kernel/cuda_launch.cuh>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/thread.hpp>

// What kernel::cuda declares, for nvcc. An update is the threads of thread.hpp. A reduction has a block for each
// sample, or for aligned parts of it where samples are few, and adds up in the tree of reduction.hpp.
namespace fokker::inline v0::kernel::device {

template <int Inputs, int Normals, int Rows, thread::kind Kind, class C, class E, class Network, class Noise>
__global__ void __launch_bounds__(256)
    update(const __grid_constant__ thread::numbers<C> all, const __grid_constant__ thread::task<E, Network> t,
           const __grid_constant__ Noise noise) {
  const std::uint64_t index = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index < t.threads) thread::update<Inputs, Normals, Rows, Kind>(index, all, t, noise);
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

// Reductions.

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

/// Blocks of a reduction that a multiprocessor has registers for: a division in double needs more of them.
template <class Op>
inline constexpr int blocks_at_once = 2;
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

// Quantiles: a magnitude of some rank is found by its bits, 11 at a time, as reduction::select_magnitudes does.

inline constexpr int digit_bits = 11, digits = 1 << digit_bits;
using key = unsigned long long;  // the bits of a magnitude

template <class A>
using key_word = std::conditional_t<std::is_same_v<computed<A>, double>, unsigned long long, unsigned int>;
template <class A>
inline constexpr int first_shift = sizeof(key_word<A>) == 8 ? 5 * digit_bits : 2 * digit_bits;

/// How far a search has come: the bits that are found, and how many magnitudes lie below all that have them.
struct search {
  key found, below;
  key equal;       // at the end: how many are the one that is found
  key complement;  // of the least that is larger by a bit above the last digit; 0: there is none
};

/// What a block of 1024 threads works in.
struct digit_counts {
  unsigned int here[digits];
  unsigned long long all[digits], of_warps[warps];
  search state;
  bool last;
};

/// Counts digits of a[begin] ... a[end] that have the bits found above them; to the first lane of each warp the
/// complement of the least that is larger by those bits.
template <class A>
__device__ key count_digits(const A* a, std::uint64_t begin, std::uint64_t end, key found, int shift,
                            digit_counts& counts) {
  using word = key_word<A>;
  for (int d = static_cast<int>(threadIdx.x); d < digits; d += 1024) counts.here[d] = 0;
  __syncthreads();
  const word wanted = static_cast<word>(found) >> shift >> digit_bits;
  word complement = 0;
  const auto count = [&](A element) {
    const word k = __builtin_bit_cast(word, static_cast<computed<A>>(element)) & (static_cast<word>(~word{0}) >> 1);
    const word above = k >> shift >> digit_bits;
    if (above == wanted)
      atomicAdd(&counts.here[(k >> shift) % digits], 1u);
    else if (above > wanted && static_cast<word>(~k) > complement)
      complement = ~k;
  };
  constexpr int batch = sizeof(A) > 4 ? 4 : 8;  // reads that are under way at once
  std::uint64_t i = begin + threadIdx.x;
  for (; i + 1024 * (batch - 1) < end; i += 1024 * batch) {
    A here[batch];
    for (int j = 0; j < batch; ++j) here[j] = a[i + 1024 * j];
    for (int j = 0; j < batch; ++j) count(here[j]);
  }
  for (; i < end; i += 1024) count(a[i]);
  for (int apart = 16; apart > 0; apart /= 2) {
    const word other = __shfl_down_sync(0xffffffffu, complement, apart);
    if (other > complement) complement = other;
  }
  __syncthreads();
  return threadIdx.x % 32 == 0 && complement != 0 ? ~key{static_cast<word>(~complement)} : 0;
}

/// The digit of the magnitude of rank k, from the counts of all.
__device__ inline void choose_digit(double rank, int shift, digit_counts& counts) {
  const int thread = static_cast<int>(threadIdx.x);
  unsigned long long two = counts.all[2 * thread] + counts.all[2 * thread + 1];
  for (int apart = 16; apart > 0; apart /= 2) two += __shfl_down_sync(0xffffffffu, two, apart);
  if (thread % 32 == 0) counts.of_warps[thread / 32] = two;
  __syncthreads();
  if (thread == 0) {
    search& s = counts.state;
    const auto k = static_cast<unsigned long long>(rank);
    int d = 0;
    while (s.below + counts.of_warps[d / 64] <= k) s.below += counts.of_warps[d / 64], d += 64;
    while (s.below + counts.all[d] <= k) s.below += counts.all[d++];
    s.equal = counts.all[d];
    if (shift == 0)  // the next one is larger by this digit, if any is
      for (int next = d + 1; next < digits; next += next % 64 == 0 && counts.of_warps[next / 64] == 0 ? 64 : 1)
        if (counts.all[next] != 0) {
          s.complement = ~(s.found | static_cast<key>(next));
          break;
        }
    s.found |= static_cast<key>(d) << shift;
  }
  __syncthreads();
}

/// The quantile that a search has found.
template <class A>
__device__ double quantile_of(const search& s, double rank, std::uint64_t size) {
  const auto value = [](key k) {
    return static_cast<double>(__builtin_bit_cast(computed<A>, static_cast<key_word<A>>(k)));
  };
  const double whole = floor(rank), low = value(s.found);
  if (rank == whole) return low;
  const key up_to = s.below + s.equal;
  const bool same = up_to > static_cast<key>(whole) + 1 || up_to == size;
  return __fma_rn(rank - whole, __dsub_rn(same ? low : value(~s.complement), low), low);
}

/// A block for each sample.
template <class A>
__global__ void __launch_bounds__(1024) quantile(const A* a, std::uint64_t size, double rank, double* results) {
  __shared__ digit_counts counts;
  if (threadIdx.x == 0) counts.state = {};
  a += std::uint64_t{blockIdx.x} * size;
  __syncthreads();
  for (int shift = first_shift<A>; shift >= 0; shift -= digit_bits) {
    const key complement = count_digits(a, 0, size, counts.state.found, shift, counts);
    if (shift == 0 && complement != 0) atomicMax(&counts.state.complement, complement);
    for (int d = static_cast<int>(threadIdx.x); d < digits; d += 1024) counts.all[d] = counts.here[d];
    __syncthreads();
    choose_digit(rank, shift, counts);
  }
  if (threadIdx.x == 0) results[blockIdx.x] = quantile_of<A>(counts.state, rank, size);
}

/// A search of many blocks, in memory of the device that is 0 at first.
struct selection {
  search state;
  unsigned long long counts[digits];
  unsigned int arrived;
};

/// One digit, by a block for each `span` elements of a sample: the last one to arrive chooses.
template <class A>
__global__ void __launch_bounds__(1024)
    quantile_digit(const A* a, std::uint64_t size, std::uint64_t span, std::uint64_t parts, int shift, double rank,
                   selection* each, double* results) {
  __shared__ digit_counts counts;
  const std::uint64_t sample = blockIdx.x / parts, begin = blockIdx.x % parts * span;
  const std::uint64_t end = size - begin < span ? size : begin + span;
  selection& mine = each[sample];
  const key complement = count_digits(a + sample * size, begin, end, mine.state.found, shift, counts);
  if (shift == 0 && complement != 0) atomicMax(&mine.state.complement, complement);
  for (int d = static_cast<int>(threadIdx.x); d < digits; d += 1024)
    if (counts.here[d] != 0) atomicAdd(&mine.counts[d], static_cast<unsigned long long>(counts.here[d]));
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) counts.last = atomicAdd(&mine.arrived, 1u) == parts - 1;
  __syncthreads();
  if (!counts.last) return;
  __threadfence();
  for (int d = static_cast<int>(threadIdx.x); d < digits; d += 1024) {
    counts.all[d] = __ldcg(&mine.counts[d]);
    mine.counts[d] = 0;
  }
  if (threadIdx.x == 0) {
    counts.state = mine.state;
    counts.state.complement = __ldcg(&mine.state.complement);
    mine.arrived = 0;
  }
  __syncthreads();
  choose_digit(rank, shift, counts);
  if (threadIdx.x != 0) return;
  mine.state = counts.state;
  if (shift == 0) results[sample] = quantile_of<A>(counts.state, rank, size);
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

// Measures.

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

// Launches.

[[nodiscard]] inline unsigned int blocks_of(std::uint64_t threads, std::uint64_t block) {
  const std::uint64_t blocks = (threads + block - 1) / block;
  if (blocks > 0x7fffffffu) detail::refuse("the number of blocks", blocks, "below 2^31, what CUDA can launch");
  return static_cast<unsigned int>(blocks);
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

/// Into how many parts a sample is divided, so that few large ones keep a device busy.
[[nodiscard]] inline std::uint64_t parts_of_quantiles(std::uint64_t samples, std::uint64_t size) {
  constexpr std::uint64_t least = 16384;  // elements for a block
  const std::uint64_t most = samples < enough_blocks ? enough_blocks / samples : 1, wanted = (size + least - 1) / least;
  return wanted < most ? wanted : most;
}

/// `memory` is for a selection of each sample where a sample has many parts.
template <class A>
void launch_quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results, selection* memory,
                     const cuda_stream& stream) {
  const double rank = q * static_cast<double>(size - 1);
  std::uint64_t parts = parts_of_quantiles(samples, size);
  if (parts <= 1) {
    cuda_launch("launch of a quantile", stream, blocks_of(samples, 1), 1024, quantile<A>, a, size, rank, results);
  } else {
    const std::uint64_t span = (size + parts - 1) / parts;
    parts = (size + span - 1) / span;
    const cuda_device device(stream);
    cuda_check(cudaMemsetAsync(memory, 0, samples * sizeof(selection), stream), "cudaMemsetAsync");
    for (int shift = first_shift<A>; shift >= 0; shift -= digit_bits)
      cuda_launch("launch of a quantile", stream, blocks_of(samples * parts, 1), 1024, quantile_digit<A>, a, size, span,
                  parts, shift, rank, memory, results);
  }
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

namespace fokker::inline v0::kernel {

template <class E, class Network, noise_source Noise>
void cuda::update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) const {
  device::launch(u, at, device::read_by_device(noise), stream);
}

template <class E>
void cuda::update(std::span<const own<plan::update, E>> each, const step_error& error) const {
  using C = computed<E>;
  using thread::kind;
  if (each.empty()) return;
  const std::size_t count = each.size(), size = each.front().at->size;
  const cuda_memory<E> errors(error.row < 0 ? 0 : count * size, stream);
  std::vector<device::own_task<C, E>> tasks;
  kind most = kind::steady;
  for (const own<plan::update, E>& one : each) {
    operands<E> at = part_of(*one.at, one.sample, 1);
    const thread::numbers<C> all(*one.what);
    const bool measured = error.row >= 0;
    if (measured) detail::at(at.rows, error.row) = errors.data() + tasks.size() * size;
    const std::size_t first = measured ? one.sample * size : 0;
    tasks.push_back({all, thread::task_of(all, at), one.from + first, one.to + first});
    if (tasks.back().t.kind > most) most = tasks.back().t.kind;
  }
  const cuda_memory<device::own_task<C, E>> there(count, stream);
  copy(there.data(), tasks.data(), count);
  const thread::divisor threads(tasks.front().t.threads);
  const unsigned int blocks = device::blocks_of(threads.by * count, 256);
  const auto go = [&](auto kernel) {
    cuda_launch("launch of updates", stream, blocks, 256, kernel, there.data(), threads, count);
  };
  if (most == kind::steady)
    go(device::update_each<thread::few_rows, kind::steady, C, E>);
  else
    go(device::update_each<plan::max_rows, kind::any, C, E>);
  if (error.row >= 0)
    device::launch_reduction<device::finish::root_of_mean>(device::squared_errors<C, E>{there.data(), error.within},
                                                           errors.data(), errors.data(), count, size, error.of_each,
                                                           stream);
}

template <class E>
void cuda::measure(std::span<const own<plan::measure, E>> each, const tape_memory<computed<E>>& numbers) const {
  for (const own<plan::measure, E>& one : each) measure(*one.what, *one.at, noise::philox{}, numbers, one.sample, 1);
}

template <class E, class Network, noise_source Noise>
void cuda::measure(const plan::measure& m, const operands<E, Network>& at, const Noise& noise,
                   const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples) const {
  using C = computed<E, Network>;
  if (samples == 0) return;
  const auto part = part_of(at, sample, samples);
  const auto draws = device::read_by_device(from_sample(noise, sample));
  std::vector<scalars<double>> found(numbers.found.begin(), numbers.found.end());
  for (auto& f : found) f.values += sample * f.stride;
  for_each_grouping(m, numbers, [&](const grouping& over, std::span<const int> sums) {
    device::launch_sums(m, thread::sums_of(m, part, over, sums, std::span<const scalars<double>>(found)), draws,
                        stream);
  });
  bool written = false;
  for (int o = 0; o < m.form.row_count; ++o) written = written || detail::at(at.rows, o) != nullptr;
  if (written) device::launch(m.form, part, draws, stream);
  for (std::size_t i = 0; i < m.of.size(); ++i) {
    if (m.of[i].what != plan::measured::quantile) continue;
    const grouping& over = numbers.over[i];
    const std::size_t members = at.size / over.count, all = samples * at.size;
    const E* row = detail::at(part.rows, m.of[i].a);
    const cuda_memory<E> together(members == over.repeat ? 0 : all, stream);
    if (together.size() > 0) {
      cuda_launch("launch of a copy", stream, device::blocks_of(all, 256), 256, device::gather<E>, row, together.data(),
                  all, at.size, over.count, over.repeat);
      row = together.data();
    }
    const bool side_by_side = found[i].stride == over.count;
    for (std::size_t s = 0; s < (side_by_side ? 1 : samples); ++s)
      quantile(row + s * at.size, side_by_side ? samples * over.count : over.count, members, m.of[i].q,
               found[i].values + s * found[i].stride);
  }
  if (m.tape.empty()) return;
  const std::span<const plan::operation> tape(m.tape);
  const std::size_t groups = tape::groups(tape, numbers);
  const thread::tape_task t = thread::tape_of(tape, numbers, sample);
  const char* const what = "launch of a tape";
  if (groups == 1)
    cuda_launch(what, stream, device::blocks_of(samples, 256), 256, device::tape_of_samples<C>, t, samples);
  else
    cuda_launch(what, stream, device::blocks_of(samples, 1), 256, device::tape_of_groups<C>, t, groups);
}

template <class A, class B>
void cuda::dot(const A* a, const B* b, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::nothing>(reduction::dot{}, a, b, samples, size, results, stream);
}

template <class A>
void cuda::norm(const A* a, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::root>(device::squares{}, a, a, samples, size, results, stream);
}

template <class A>
void cuda::largest(const A* a, std::size_t samples, std::size_t size, double* results) const {
  device::launch_reduction<device::finish::nothing>(reduction::largest{}, a, a, samples, size, results, stream);
}

template <class A>
void cuda::moments(const A* a, std::size_t samples, std::size_t size, kernel::moments* results) const {
  device::launch_reduction<device::finish::mean>(reduction::sum{}, a, a, samples, size, &results->mean, stream, 2);
  device::launch_reduction<device::finish::mean>(reduction::squares_about{}, a, a, samples, size, &results->variance,
                                                 stream, 2, results);
}

template <class A>
void cuda::quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results) const {
  if (samples == 0) return;
  if (size == 0) detail::refuse("the size of a sample", size, "1 or more, for a quantile");
  const cuda_memory<device::selection> memory(device::parts_of_quantiles(samples, size) > 1 ? samples : 0, stream);
  device::launch_quantile(a, samples, size, q, results, memory.data(), stream);
}

template <class A, class B>
void cuda::distances(const A* a, const B* b, std::size_t samples, std::size_t others, std::size_t size,
                     double* results) const {
  cuda_launch("launch of distances", stream, device::blocks_of(samples, 1), 32 * device::warps, device::distances<A, B>,
              a, b, others, size, results);
}

template <class A>
void cuda::centre(const A* a, std::size_t samples, std::size_t size, double* means, double* rows) const {
  cuda_launch("launch of means", stream, device::blocks_of(size, 1), 32 * device::warps, device::centre<A>, a, samples,
              size, means, rows);
}

}  // namespace fokker::inline v0::kernel
