// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/concept/noise_source.hpp>
#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/simd.hpp>

namespace fokker::kernel {

/// Memory of the host, row-major. One chain of fma per result, in float (double for double): the same bits for every
/// instruction set, compiler, batch split and number of threads. Threads are OpenMP's where the user's build has it.
struct host {
  /// One pass over the operands of `u`. Results may lie on operands, element by element.
  template <class E, noise_source Noise>
  static void update(const plan::update& u, const operands<E>& at, const Noise& noise) {
    const chain<E> c(u);
    const std::size_t all = at.samples * at.size;
    if (u.normal_count == 0) {  // no element needs to know its sample
      in_pieces((all + piece - 1) / piece,
                [&](std::size_t p) { part(c, u, at, noise, 0, 0, p * piece, std::min(piece, all - p * piece)); });
    } else if (at.size <= 4) {  // many samples a piece
      const std::size_t samples = piece / 4;
      in_pieces((at.samples + samples - 1) / samples, [&](std::size_t p) {
        part(c, u, at, noise, p * samples, std::min(samples, at.samples - p * samples), 0, 0);
      });
    } else {
      const std::size_t pieces = (at.size + piece - 1) / piece;
      in_pieces(at.samples * pieces, [&](std::size_t p) {
        const std::size_t begin = p % pieces * piece;
        part(c, u, at, noise, p / pieces, 0, begin, std::min(piece, at.size - begin));
      });
    }
  }

 private:
  static constexpr std::size_t piece = 16384;  // elements that one thread takes at once
  static constexpr std::size_t chunk =
      1024;  // elements whose normals wait in the first cache; whole runs of any vector

  template <class Work>
  static void in_pieces(std::size_t count, Work work) {
#if defined(_OPENMP)
#pragma omp parallel for schedule(static) if (count > 1)
#endif
    for (std::size_t p = 0; p < count; ++p) work(p);
  }

  /// Elements begin ... begin + count of one sample, or, where `small` > 0, so many small samples from `sample` on.
  template <class E, class Noise>
  static void part(const chain<E>& c, const plan::update& u, const operands<E>& at, const Noise& noise,
                   std::size_t sample, std::size_t small, std::size_t begin, std::size_t count) {
    const std::size_t offset = sample * at.size + begin;
    if (u.normal_count == 0) return rows(c, at, nullptr, offset, count);
    alignas(64) float memory[plan::max_normals][chunk];
    const float* normal[plan::max_normals] = {memory[0], memory[1]};
    const std::size_t total = small > 0 ? small * at.size : count;
    const std::size_t step = small > 0 ? chunk / 4 * at.size : chunk;
    for (std::size_t i = 0; i < total; i += step) {
      const std::size_t here = std::min(step, total - i);
      for (int q = 0; q < u.normal_count; ++q) {
        const plan::normal& z = detail::at(u.normals, q);
        if (small > 0)
          draw_small(memory[q], here / at.size, at.size, static_cast<std::uint32_t>(sample + i / at.size), z, noise);
        else
          draw(memory[q], here, static_cast<std::uint32_t>((begin + i) / 4), static_cast<std::uint32_t>(sample), z,
               noise);
      }
      rows(c, at, normal, offset + i, here);
    }
  }

  template <class E>
  static void rows(const chain<E>& c, const operands<E>& at, const float* const* normal, std::size_t offset,
                   std::size_t count) {
    const E* inputs[plan::max_inputs] = {};
    E* results[plan::max_rows] = {};
    for (int k = 0; k < c.inputs; ++k) inputs[k] = detail::at(at.inputs, k) + offset;
    for (int o = 0; o < c.rows; ++o) results[o] = detail::at(at.rows, o) + offset;
    switch (c.rows) {
      case 1:
        return rows_of<E, 1>(c, inputs, normal, results, count);
      case 2:
        return rows_of<E, 2>(c, inputs, normal, results, count);
      case 3:
        return rows_of<E, 3>(c, inputs, normal, results, count);
      default:
        return rows_of<E, plan::max_rows>(c, inputs, normal, results, count);
    }
  }

  // The same call by every instruction set.

  template <class E, int Rows>
  static void rows_of(const chain<E>& c, const E* const* inputs, const float* const* normal, E* const* results,
                      std::size_t count) {
#if defined(FOKKER_X86)
    switch (used_instruction_set()) {
      case instruction_set::avx512:
        return avx512::rows_of<E, Rows>(c, inputs, normal, results, count);
      case instruction_set::avx2:
        return avx2::rows_of<E, Rows>(c, inputs, normal, results, count);
      case instruction_set::portable:
        break;
    }
#endif
    portable::rows_of<E, Rows>(c, inputs, normal, results, count);
  }

  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const noise::philox& noise) {
    sample += noise.first_sample;
#if defined(FOKKER_X86)
    switch (used_instruction_set()) {
      case instruction_set::avx512:
        return avx512::normals(to, count, first, sample, z.id, z.stream, noise.seed);
      case instruction_set::avx2:
        return avx2::normals(to, count, first, sample, z.id, z.stream, noise.seed);
      case instruction_set::portable:
        break;
    }
#endif
    portable::normals(to, count, first, sample, z.id, z.stream, noise.seed);
  }

  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const noise::philox& noise) {
    first_sample += noise.first_sample;
#if defined(FOKKER_X86)
    switch (used_instruction_set()) {
      case instruction_set::avx512:
        return avx512::normals_of_small(to, samples, size, first_sample, z.id, z.stream, noise.seed);
      case instruction_set::avx2:
        return avx2::normals_of_small(to, samples, size, first_sample, z.id, z.stream, noise.seed);
      case instruction_set::portable:
        break;
    }
#endif
    portable::normals_of_small(to, samples, size, first_sample, z.id, z.stream, noise.seed);
  }

  /// Any other source of noise, by its own word.
  template <class Noise>
  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const Noise& noise) {
    for (std::size_t i = 0; i < count; i += 4) {
      const auto four = noise.normals(sample, first + static_cast<std::uint32_t>(i / 4), z.id, z.stream);
      for (std::size_t k = 0; k < 4; ++k) to[i + k] = four.z[k];
    }
  }
  template <class Noise>
  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const Noise& noise) {
    for (std::size_t s = 0; s < samples; ++s) {
      const auto four = noise.normals(first_sample + static_cast<std::uint32_t>(s), 0, z.id, z.stream);
      for (std::size_t k = 0; k < size; ++k) to[s * size + k] = four.z[k];
    }
  }
};

}  // namespace fokker::kernel
