// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::kernel {

/// What an update means, element by element, in long double: the oracle of the other kernels, too slow for use.
struct reference {
  template <class E, noise_source Noise>
  static void update(const plan::update& u, const operands<E>& at, const Noise& noise) {
    for (std::size_t n = 0; n < at.samples * at.size; ++n) {
      const std::size_t sample = n / at.size, element = n % at.size;
      long double results[plan::max_rows] = {};
      for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j) {
        const plan::row& r = u.rows[j];
        for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
          if (static_cast<E>(r.inputs[k]) != 0)
            results[j] += static_cast<long double>(static_cast<E>(r.inputs[k])) * at.inputs[k][n];
        for (std::size_t i = 0; i < j; ++i)
          results[j] += static_cast<long double>(static_cast<E>(r.earlier[i])) * results[i];
        for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
          results[j] += static_cast<long double>(static_cast<E>(r.normals[q])) *
                        noise
                            .normals(static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>(element / 4),
                                     u.normals[q].id, u.normals[q].stream)
                            .z[element % 4];
      }
      for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
        at.rows[j][n] = static_cast<E>(results[j]);
    }
  }
};

}  // namespace fokker::kernel
