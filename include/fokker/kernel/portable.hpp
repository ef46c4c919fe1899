// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fokker/kernel/chain.hpp>
#include <fokker/noise/philox.hpp>

/// The kernels in the language alone, for every processor: what the vector kernels do, in the same order and so with
/// the same bits. Slow where the processor or the build has no fma, since the library's is then called.
namespace fokker::kernel::portable {

/// Normals of `count` elements from block `first` of one sample; `to` has room for whole blocks.
inline void normals(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, std::uint32_t id,
                    std::uint32_t stream, std::uint64_t key) {
  const noise::philox source{.seed = key};
  for (std::size_t i = 0; i < count; i += 4)
    std::copy_n(source.normals(sample, first + static_cast<std::uint32_t>(i / 4), id, stream).z, 4, to + i);
}

/// The same for samples of `size` <= 4 elements each.
inline void normals_of_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                             std::uint32_t id, std::uint32_t stream, std::uint64_t key) {
  const noise::philox source{.seed = key};
  for (std::size_t s = 0; s < samples; ++s)
    std::copy_n(source.normals(first_sample + static_cast<std::uint32_t>(s), 0, id, stream).z, size, to + s * size);
}

/// `Rows` results of `count` elements. Results may lie on operands.
template <class E, int Rows>
void rows_of(const chain<E>& c, const E* const* inputs, const float* const* normal, E* const* rows, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    E sum[Rows];
    for (int o = 0; o < Rows; ++o) {
      sum[o] = c.begin[o];
      const auto term = [&](E weight, E x) {
        if (weight != 0) sum[o] = std::fma(weight, x, sum[o]);
      };
      for (int k = 0; k < c.inputs; ++k) term(c.of_input[k][o], inputs[k][i]);
      for (int j = 0; j < o; ++j) term(c.of_row[j][o], sum[j]);
      for (int q = 0; q < c.normals; ++q) term(c.of_normal[q][o], static_cast<E>(normal[q][i]));
    }
    for (int o = 0; o < Rows; ++o) rows[o][i] = sum[o];
  }
}

}  // namespace fokker::kernel::portable
