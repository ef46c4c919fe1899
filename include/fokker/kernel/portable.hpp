// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/reduction.hpp>
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

/// e^x = 2^n e^r with |r| <= log(2)/2 by the series to r^7, within 1 ulp; x is taken to [-87, 87], NaN stays.
[[nodiscard]] inline float exponential(float x) {
  if (detail::is_nan(x)) return x;
  x = std::clamp(x, -87.0f, 87.0f);
  const auto n = static_cast<std::int32_t>(std::nearbyint(x * 0x1.715476p+0f));
  float r = std::fma(static_cast<float>(n), -0x1.62e43p-1f, x);
  r = std::fma(static_cast<float>(n), 0x1.05c61p-29f, r);
  float p = 1.0f / 5040;
  for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = std::fma(p, r, c);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (static_cast<std::uint32_t>(n) << 23));
}

/// z times e^(slope v + offset), of `count` elements.
template <class V>
void learned(float* z, const V* v, std::size_t count, float slope, float offset) {
  for (std::size_t i = 0; i < count; ++i) z[i] = z[i] * exponential(std::fma(slope, static_cast<float>(v[i]), offset));
}

/// The results of `count` elements. Results may lie on operands.
template <class C, class E, class Network>
void rows_of(const chain<C>& c, const run<E, Network>& at, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    C sum[plan::max_rows];
    for (int o = 0; o < c.rows; ++o) {
      sum[o] = c.begin[o];
      const auto term = [&](part of, C weight, C x) {
        if (of == part::planed) weight *= static_cast<C>(at.plane[i]);
        sum[o] = std::fma(weight, x, sum[o]);
      };
      for (int k = 0; k < c.inputs; ++k)
        if (c.input[k][o] != part::none)
          term(c.input[k][o], c.of_input[k][o],
               at.inputs[k] != nullptr ? static_cast<C>(at.inputs[k][i]) : static_cast<C>(at.outputs[k][i]));
      for (int j = 0; j < o; ++j)
        if (c.row[j][o] != part::none) term(c.row[j][o], c.of_row[j][o], sum[j]);
      for (int q = 0; q < c.normals; ++q)
        if (c.normal[q][o] != part::none) term(c.normal[q][o], c.of_normal[q][o], static_cast<C>(at.normals[q][i]));
      if (c.bounded[o]) sum[o] = sum[o] > c.bound[o] ? c.bound[o] : sum[o] < -c.bound[o] ? -c.bound[o] : sum[o];
    }
    for (int o = 0; o < c.rows; ++o) at.rows[o][i] = static_cast<E>(sum[o]);
    if (at.copy != nullptr) at.copy[i] = static_cast<Network>(sum[at.copied]);
  }
}

/// A lane of a reduction and what one element adds to it.
inline double add_to(const reduction::dot&, double lane, double a, double b) { return std::fma(a, b, lane); }
inline double add_to(const reduction::sum&, double lane, double a, double) { return lane + a; }
inline double add_to(const reduction::squares_about& about, double lane, double a, double) {
  const double distance = a - about.centre;
  return std::fma(distance, distance, lane);
}
inline double add_to(const reduction::largest&, double lane, double a, double) {
  return reduction::larger(lane, std::bit_cast<double>(std::bit_cast<std::uint64_t>(a) << 1 >> 1));
}

/// The lanes of `count` elements, all of them, at most a chunk.
template <class Op, class A, class B>
void fold(const Op& op, const A* a, const B* b, std::size_t count, double* lanes) {
  for (std::size_t l = 0; l < reduction::lanes; ++l) lanes[l] = 0;
  for (std::size_t i = 0; i < count; ++i)
    lanes[i % reduction::lanes] =
        add_to(op, lanes[i % reduction::lanes], static_cast<double>(a[i]), Op::pairs ? static_cast<double>(b[i]) : 0.0);
}

}  // namespace fokker::kernel::portable
