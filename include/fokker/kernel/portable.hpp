// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/philox.hpp>

/// The kernels in the language alone, for every processor: what the vector kernels do, in the same order and so with
/// the same bits. Slow where the processor or the build has no fma, since the library's is then called.
namespace fokker::inline v0::kernel::portable {

/// Normals of `count` elements from block `first` of one sample; `to` has room for whole blocks.
inline void normals(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, std::uint32_t id,
                    std::uint32_t stream, std::uint64_t key) {
  const noise::philox source{.seed = key};
  for (std::size_t i = 0; i < count; i += 4)
    std::copy_n(source.normals(sample, first + static_cast<std::uint32_t>(i / 4), {stream, id}).z, 4, to + i);
}

/// The same for samples of `size` <= 4 elements each.
inline void normals_of_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                             std::uint32_t id, std::uint32_t stream, std::uint64_t key) {
  const noise::philox source{.seed = key};
  for (std::size_t s = 0; s < samples; ++s)
    std::copy_n(source.normals(first_sample + static_cast<std::uint32_t>(s), 0, {stream, id}).z, size, to + s * size);
}

/// e^x = 2^n e^r with |r| <= log(2)/2 by the series to r^7, within 1 ulp; x is taken to [-87, 87], NaN stays.
[[nodiscard]] FOKKER_HD inline float exponential(float x) {
  if ((__builtin_bit_cast(std::uint32_t, x) & 0x7fffffffu) > 0x7f800000u) return x;
  x = x < -87.0f ? -87.0f : x > 87.0f ? 87.0f : x;
  const auto n = static_cast<std::int32_t>(nearbyintf(x * 0x1.715476p+0f));
  float r = detail::fma_rn(static_cast<float>(n), -0x1.62e43p-1f, x);
  r = detail::fma_rn(static_cast<float>(n), 0x1.05c61p-29f, r);
  float p = 1.0f / 5040;
  for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = detail::fma_rn(p, r, c);
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, p) + (static_cast<std::uint32_t>(n) << 23));
}

/// z times e^(slope v + offset), of `count` elements.
template <class V>
void learned(float* z, const V* v, std::size_t count, float slope, float offset) {
  for (std::size_t i = 0; i < count; ++i) z[i] = z[i] * exponential(std::fma(slope, static_cast<float>(v[i]), offset));
}

/// `Width` consecutive elements of an update, in registers.
template <class C, int Width>
struct packet {
  static constexpr std::size_t width = Width;
  C inputs[plan::max_inputs][width];
  C normals[plan::max_normals][width];
  C rows[plan::max_rows][width];
};

template <int I>
struct constant {
  static constexpr int value = I;
  FOKKER_HD constexpr operator int() const { return I; }  // NOLINT(google-explicit-constructor): it is that number
};

/// body(0), ..., body(N - 1), each number a constant of the compiler's: what it numbers can stay in registers.
template <int N, class Body>
FOKKER_HD void unrolled(const Body& body) {
  if constexpr (N > 0) {
    unrolled<N - 1>(body);
    body(constant<N - 1>());
  }
}

/// x within [-bound, bound], on a device by two selects; NaN stays, also where -ffast-math makes min and max of them.
template <class C>
[[nodiscard]] FOKKER_HD C clamped(C x, C bound) {
#if !defined(__CUDA_ARCH__)
  if (detail::is_nan(x)) return x;
#endif
  x = x > bound ? bound : x;
  return x < -bound ? -bound : x;
}

/// In the place of tables where there are none.
struct untabled {};

/// The results of a packet, at most so many, of which at most so many inputs and normals are read; just so many where
/// there are no tables. Of a table, element i has value(table, i), or all have value(table).
template <int Inputs = plan::max_inputs, int Normals = plan::max_normals, int Rows = plan::max_rows, class C, int Width,
          class Value>
FOKKER_HD void combine(const chain<C>& c, packet<C, Width>& p, const Value& value) {
  unrolled<Rows>([&](auto o) {
    constexpr bool lean = std::is_same_v<Value, untabled>;
    if (!lean && o >= c.rows) return;
    auto& sum = p.rows[o];
    const auto add = [&](part of, C weight, [[maybe_unused]] C by, const auto& x) {
      if (lean ? weight == 0 : of == part::none) return;  // they are the same, but the weight is read in any case
      if constexpr (std::is_invocable_v<Value, int>)
        if (of >= part::tabled) weight = detail::fma_rn(by, value(static_cast<int>(of)), weight);
      if constexpr (std::is_invocable_v<Value, int, int>)
        if (of >= part::tabled) {
          for (int i = 0; i < Width; ++i)
            sum[i] = detail::fma_rn(detail::fma_rn(by, value(static_cast<int>(of), i), weight), x[i], sum[i]);
          return;
        }
      for (int i = 0; i < Width; ++i) sum[i] = detail::fma_rn(weight, x[i], sum[i]);
    };
    C begin = c.begin[o];
    if constexpr (std::is_invocable_v<Value, int>)
      if (c.one[o] >= part::tabled) begin = detail::fma_rn(c.by_one[o], value(static_cast<int>(c.one[o])), begin);
    for (int i = 0; i < Width; ++i) sum[i] = begin;
    if constexpr (std::is_invocable_v<Value, int, int>)
      if (c.one[o] >= part::tabled)
        for (int i = 0; i < Width; ++i)
          sum[i] = detail::fma_rn(c.by_one[o], value(static_cast<int>(c.one[o]), i), sum[i]);
    unrolled<Inputs>([&](auto k) { add(c.input[k][o], c.of_input[k][o], c.by_input[k][o], p.inputs[k]); });
    unrolled<decltype(o)::value>([&](auto j) { add(c.row[j][o], c.of_row[j][o], c.by_row[j][o], p.rows[j]); });
    unrolled<Normals>([&](auto q) { add(c.normal[q][o], c.of_normal[q][o], c.by_normal[q][o], p.normals[q]); });
    if (c.bounded[o])
      for (int i = 0; i < Width; ++i) sum[i] = clamped(sum[i], c.bound[o]);
  });
}

/// What tables have for the elements of a packet, from element `first` of a run on, and 0 behind its end.
template <class C, class E, class Network, class Row>
struct values_of {
  const run<E, Network, Row>& at;
  std::size_t first, count;
  FOKKER_HD C operator()(int table, int e) const {
    const std::size_t n = first + static_cast<std::size_t>(e);
    return n < count ? static_cast<C>(at.tables[table][n]) : C{0};
  }
};

/// The results of `count` elements. Results may lie on operands.
template <class C, class E, class Network, class Row>
void rows_of(const chain<C>& c, const run<E, Network, Row>& at, std::size_t count) {
  constexpr int width = 8;
  for (std::size_t i = 0; i < count; i += width) {
    const std::size_t here = std::min<std::size_t>(width, count - i);
    packet<C, width> p{};
    const auto take = [&](C(&to)[width], const auto* from) {
      for (std::size_t e = 0; e < here; ++e) to[e] = static_cast<C>(from[i + e]);
    };
    for (int k = 0; k < c.inputs; ++k) {
      if (!c.reads[k]) continue;
      if (at.inputs[k] != nullptr)
        take(p.inputs[k], at.inputs[k]);
      else
        take(p.inputs[k], at.outputs[k]);
    }
    for (int q = 0; q < c.normals; ++q) take(p.normals[q], at.normals[q]);
    combine(c, p, values_of<C, E, Network, Row>{at, i, count});
    for (int o = 0; o < c.rows; ++o)
      if (at.rows[o] != nullptr)
        for (std::size_t e = 0; e < here; ++e) at.rows[o][i + e] = static_cast<Row>(p.rows[o][e]);
    if (at.copy != nullptr)
      for (std::size_t e = 0; e < here; ++e) at.copy[i + e] = static_cast<Network>(p.rows[at.copied][e]);
  }
}

/// A lane of a reduction and what one element adds to it.
FOKKER_HD inline double add_to(const reduction::dot&, double lane, double a, double b) {
  return detail::fma_rn(a, b, lane);
}
FOKKER_HD inline double add_to(const reduction::sum&, double lane, double a, double) { return lane + a; }
FOKKER_HD inline double add_to(const reduction::squares_about& about, double lane, double a, double) {
  const double distance = a - about.centre;
  return detail::fma_rn(distance, distance, lane);
}
FOKKER_HD inline double add_to(const reduction::largest&, double lane, double a, double) {
  return reduction::larger(lane, __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, a) << 1 >> 1));
}

/// What `count` elements add up to, at most a chunk.
template <class Op, class A, class B>
[[nodiscard]] double fold(const Op& op, const A* a, const B* b, std::size_t count) {
  double lanes[reduction::lanes] = {};
  for (std::size_t i = 0; i < count; ++i)
    lanes[i % reduction::lanes] =
        add_to(op, lanes[i % reduction::lanes], static_cast<double>(a[i]), Op::pairs ? static_cast<double>(b[i]) : 0.0);
  return reduction::tree(op, lanes, reduction::lanes);
}

/// What `wanted` asks for of `count` elements of rows that are written nowhere: sum s of piece k, of `piece` elements
/// or what is left, at most a chunk, in to[k][s].
template <class E, class Network>
void sums_of_rows(const chain<double>& c, const run<E, Network, double>& at, unsigned wanted, std::size_t count,
                  std::size_t piece, double (*to)[reduction::fused_sums]) {
  double rows[reduction::fused_rows][reduction::chunk];
  for (std::size_t begin = 0; begin < count; begin += piece, ++to) {
    const std::size_t here = (std::min)(piece, count - begin);
    run<E, Network, double> part = moved(c, at, begin);
    for (int o = 0; o < c.rows; ++o) part.rows[o] = rows[o];
    rows_of(c, part, here);
    const auto take = [&](int s, const auto& op, const double* a, const double* b) {
      if ((wanted >> s & 1) != 0) (*to)[s] = fold(op, a, b, here);
    };
    for (int a = 0; a < c.rows; ++a) {
      take(a, reduction::sum{}, rows[a], rows[a]);
      for (int b = 0; b <= a; ++b) take(reduction::fused_dot(c.rows, a, b), reduction::dot{}, rows[a], rows[b]);
    }
  }
}

/// Sums that lie side by side: sums[i] takes in element i, of one row or of the products of two.
inline void accumulate(double* sums, const double* a, const double* b, std::size_t count) {
  if (b != nullptr)
    for (std::size_t i = 0; i < count; ++i) sums[i] = add_to(reduction::dot{}, sums[i], a[i], b[i]);
  else
    for (std::size_t i = 0; i < count; ++i) sums[i] = add_to(reduction::sum{}, sums[i], a[i], 0);
}

/// `count` values become half as many: the sums of aligned pairs of neighbours.
inline void join_pairs(double* values, std::size_t count) {
  for (std::size_t i = 0; i < count / 2; ++i) values[i] = values[2 * i] + values[2 * i + 1];
}

/// The sums and dots that have a place of `count` groups side by side: member j of group g is element j * stride + g.
template <class E, class Network>
void sums_abreast(const chain<double>& c, run<E, Network, double> at, std::size_t members, std::size_t stride,
                  std::size_t count, double* const* to) {
  constexpr std::size_t side = 64;
  const auto part = [](double* all, int sum) { return all + static_cast<std::size_t>(sum) * side; };
  double rows[reduction::any_rows][side], sums[reduction::sums_of_any * side];
  for (int o = 0; o < c.rows; ++o) at.rows[o] = rows[o];
  for (std::size_t g = 0; g < count; g += side) {
    const std::size_t here = (std::min)(side, count - g);
    reduction::pairs<reduction::sums_of_any * side, std::bit_width(reduction::lanes)> tree;
    for (std::size_t l = 0; l < (std::min)(members, reduction::lanes); ++l) {
      double* lane = tree.next();
      std::fill_n(lane, tree.width, 0.0);
      for (std::size_t j = l; j < members; j += reduction::lanes) {
        rows_of(c, moved(c, at, j * stride + g), here);
        for (int a = 0; a < c.rows; ++a) {
          if (to[a] != nullptr) accumulate(part(lane, a), rows[a], nullptr, here);
          for (int b = 0; b <= a; ++b)
            if (const int i = reduction::fused_dot(c.rows, a, b); to[i] != nullptr)
              accumulate(part(lane, i), rows[a], rows[b], here);
        }
      }
      tree.add([](double* s, const double* from, std::size_t width) { accumulate(s, from, nullptr, width); });
    }
    tree.finish(sums);
    for (int i = 0; i < reduction::sums_of_any; ++i)
      if (to[i] != nullptr) std::copy_n(part(sums, i), here, to[i] + g);
  }
}

/// The arithmetic of a tape on a block of numbers.
template <std::size_t Width>
void arithmetic(const plan::operation* all, std::size_t operations, tape::row<Width>* numbers) {
  tape::arithmetic(all, operations, numbers);
}

/// What an error is of its tolerance.
[[nodiscard]] FOKKER_HD inline double scaled_error(const tolerance& within, double error, double from, double to) {
  const double size =
      reduction::larger(add_to(reduction::largest{}, 0, from, 0), add_to(reduction::largest{}, 0, to, 0));
  return error / detail::fma_rn(within.relative, size, within.absolute);
}
template <class E>
void scale_errors(const tolerance& within, const E* error, const E* from, const E* to, std::size_t count,
                  double* scaled) {
  for (std::size_t i = 0; i < count; ++i)
    scaled[i] =
        scaled_error(within, static_cast<double>(error[i]), static_cast<double>(from[i]), static_cast<double>(to[i]));
}

}  // namespace fokker::inline v0::kernel::portable
