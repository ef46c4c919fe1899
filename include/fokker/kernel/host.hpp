// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/concept/noise_source.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::kernel {

/// Memory of the host, row-major. One chain of fma per result in the order inputs, earlier rows, normals, in float
/// (double for double): the same bits for every compiler, batch split and instruction set.
struct host {
  /// One pass over the operands of `u`. Results may alias operands element by element.
  template <class E, noise_source Noise>
  static void update(const plan::update& u, const operands<E>& at, const Noise& noise) {
    // Without normals no element knows its sample.
    const std::size_t samples = u.normal_count > 0 ? at.samples : 1;
    const std::size_t size = u.normal_count > 0 ? at.size : at.samples * at.size;
    for (std::size_t sample = 0; sample < samples; ++sample)
      for (std::size_t begin = 0; begin < size; begin += chunk)
        update_chunk(u, at, noise, sample * size, sample, begin, std::min(chunk, size - begin));
  }

 private:
  static constexpr std::size_t chunk = 256;  // 4 rows and 2 normals of it stay in the first cache

  template <class E, class Noise>
  static void update_chunk(const plan::update& u, const operands<E>& at, const Noise& noise, std::size_t offset,
                           std::size_t sample, std::size_t begin, std::size_t count) {
    std::array<std::array<float, chunk>, plan::max_normals> normals;
    std::array<std::array<E, chunk>, plan::max_rows> results;
    for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
      for (std::size_t i = 0; i < count; i += 4) {
        const auto drawn =
            noise.normals(static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>((begin + i) / 4),
                          u.normals[q].id, u.normals[q].stream);
        for (std::size_t k = i; k < std::min(i + 4, count); ++k) normals[q][k] = drawn.z[k - i];
      }
    // g++ 12 does not see that no plan has more rows than there is room for.
    const std::size_t rows = std::min<std::size_t>(static_cast<std::size_t>(u.row_count), plan::max_rows);
    for (std::size_t j = 0; j < rows; ++j) {
      const plan::row& r = u.rows[j];
      E* const sum = results[j].data();
      bool first = true;
      const auto term = [&](double weight, const auto* operand) {
        const E w = static_cast<E>(weight);
        if (w == 0) return;
        if (first)
          for (std::size_t i = 0; i < count; ++i) sum[i] = w * static_cast<E>(operand[i]);
        else
          for (std::size_t i = 0; i < count; ++i) sum[i] = std::fma(w, static_cast<E>(operand[i]), sum[i]);
        first = false;
      };
      for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
        term(r.inputs[k], at.inputs[k] + offset + begin);
      for (std::size_t i = 0; i < j; ++i) term(r.earlier[i], results[i].data());
      for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q) term(r.normals[q], normals[q].data());
      if (first) std::fill_n(sum, count, E{0});
    }
    for (std::size_t j = 0; j < rows; ++j) std::copy_n(results[j].data(), count, at.rows[j] + offset + begin);
  }
};

}  // namespace fokker::kernel
