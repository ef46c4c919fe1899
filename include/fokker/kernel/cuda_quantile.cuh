// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/kernel/cuda_reduction.cuh>

// Quantiles on a device: a magnitude of some rank is found by its bits, 11 at a time, as reduction::select_magnitudes
// does.
namespace fokker::inline v0::kernel::device {

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

}  // namespace fokker::inline v0::kernel::device
