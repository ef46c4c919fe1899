// SPDX-License-Identifier: MIT
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/per_sample.hpp>

namespace fokker::inline v0::kernel {

/// Memory of a CUDA device, row-major, in the order of a stream: the bits of kernel::host, but where another order is
/// named. Every pointer, also that of noise::per_sample and of results, is one of the device. Nothing but on_host
/// synchronises; measures and reductions of few large samples take memory. What is declared here is defined in
/// kernel/cuda.cuh, for nvcc, and in the library fokker::cuda, for programs of other compilers. All is done on the
/// stream's device, and of no samples nothing. Throws std::runtime_error where a launch fails.
struct cuda {
  cuda_stream stream = {};

  /// One pass over the operands of `u`. Results may lie on operands of their type, element by element.
  template <class E, class Network, noise_source Noise>
  void update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) const;

  /// Updates of samples by themselves, without noise, in one launch, and the errors that these find, which go to memory
  /// of the device: as those of kernel::host. It takes memory for their weights, and for the rows of errors.
  template <class E>
  void update(std::span<const own<plan::update, E>> each, const step_error& error) const;
  /// The same of measures of one shape: launches of all together, which take memory for what each sample has of its
  /// own.
  template <class E>
  void measure(std::span<const own<plan::measure, E>> each, const tape_memory<computed<E>>& numbers) const;

  /// What is found of `samples` samples from `sample` on, and what becomes of it, as by kernel::host; `numbers` are in
  /// memory of the device. Sums of more than a chunk of elements, and quantiles, take memory.
  template <class E, class Network, noise_source Noise>
  void measure(const plan::measure& m, const operands<E, Network>& at, const Noise& noise,
               const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples) const;

  /// results[s] = the sum of a b over sample s.
  template <class A, class B>
  void dot(const A* a, const B* b, std::size_t samples, std::size_t size, double* results) const;
  /// results[s] = the root of the sum of squares.
  template <class A>
  void norm(const A* a, std::size_t samples, std::size_t size, double* results) const;
  /// results[s] = the largest magnitude; NaN where an element is.
  template <class A>
  void largest(const A* a, std::size_t samples, std::size_t size, double* results) const;
  template <class A>
  void moments(const A* a, std::size_t samples, std::size_t size, kernel::moments* results) const;
  /// results[s] = the q-quantile of the magnitudes, linear between two of them; 0 <= q <= 1.
  template <class A>
  void quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results) const;

  /// results[s] = the sum of the Euclidean distances of sample s of a from the `others` samples of b, in double, and in
  /// an order of their own.
  template <class A, class B>
  void distances(const A* a, const B* b, std::size_t samples, std::size_t others, std::size_t size,
                 double* results) const;
  /// means[k] = the mean of element k over the samples, and rows[k * samples + s] = what sample s has above it; in an
  /// order of their own.
  template <class A>
  void centre(const A* a, std::size_t samples, std::size_t size, double* means, double* rows) const;

  /// Makes the stream's device the current one, for networks, as long as what it returns lives.
  [[nodiscard]] cuda_device enter() const { return cuda_device(stream); }

  /// Copies `count` elements, of the host's memory or this one, to this one, in the order of the stream.
  template <class A>
  void copy(A* to, const A* from, std::size_t count) const {
    cuda_copy(to, from, count, stream);
  }

  /// Memory of this space for `size` elements, which on_host reads.
  template <class A>
  [[nodiscard]] cuda_memory<A> make(std::size_t size) const {
    return {size, stream};
  }
  /// The elements where the host can read them; waits for the stream.
  template <class A>
  [[nodiscard]] std::vector<A> on_host(const A* a, std::size_t count) const {
    return cuda_to_host(a, count, stream);
  }
};

}  // namespace fokker::inline v0::kernel
