// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/kernel/operands.hpp>

/// Sums over one sample by a fixed tree, in double: element e goes to chunk e / 1024 and there to lane e % 32; a lane
/// adds in order, from +0; lanes, and then chunks, are added in aligned pairs, one without a partner as it is. So a sum
/// depends on nothing but its operands: not on the instruction set, the threads, or the batch around it.
namespace fokker::inline v0::kernel {

struct moments {
  double mean = 0;
  double variance = 0;  ///< the mean of the squared distances from the mean
};

/// How large an error may be: absolute + relative max(|from|, |to|) for each element.
struct tolerance {
  double absolute = 0;
  double relative = 0;
};

/// The error that updates of samples by themselves find: their row `row`, written nowhere but for its size, the root of
/// the mean of its squares, each as a part of what is allowed.
struct step_error {
  int row = -1;  ///< -1: none
  tolerance within{};
  double* of_each = nullptr;  ///< in their order
};

namespace reduction {

inline constexpr std::size_t lanes = 32, chunk = 1024;

/// What one element adds to its lane. Where the last chunk is not full, the places that are left add nothing.
struct dot {
  static constexpr bool pairs = true;
};
struct sum {
  static constexpr bool pairs = false;
};
struct squares_about {
  static constexpr bool pairs = false;
  double centre;
};
/// Not a sum, but the largest magnitude, compared by its bits: a NaN is larger than all numbers.
struct largest {
  static constexpr bool pairs = false;
};

[[nodiscard]] FOKKER_HD inline double larger(double a, double b) {
  return __builtin_bit_cast(std::int64_t, a) < __builtin_bit_cast(std::int64_t, b) ? b : a;
}
[[nodiscard]] FOKKER_HD inline double joined(const largest&, double a, double b) { return larger(a, b); }
template <class Op>
[[nodiscard]] FOKKER_HD double joined(const Op&, double a, double b) {
  return a + b;
}

/// Joins `count` values in aligned pairs, in place.
template <class Op>
[[nodiscard]] double tree(const Op& op, double* values, std::size_t count) {
  while (count > 1) {
    for (std::size_t i = 0; i < count / 2; ++i) values[i] = joined(op, values[2 * i], values[2 * i + 1]);
    if (count % 2 == 1) values[count / 2] = values[count - 1];
    count = (count + 1) / 2;
  }
  return values[0];
}

/// The same tree for values that come one after the other, `Width` of them side by side, of which the first `width`
/// count: a sum of 2^l waits at `waiting[l]` where bit l of `count` is set.
template <std::size_t Width, std::size_t Levels>
struct pairs {
  double waiting[Levels][Width];
  std::size_t width = Width;
  std::uint64_t count = 0;

  /// Where the next values go before `add` takes them in; `join(to, from, width)` adds some to others.
  [[nodiscard]] double* next() { return waiting[std::countr_one(count)]; }
  template <class Join>
  void add(const Join& join) {
    double* to = next();
    for (std::size_t l = 0; (count >> l & 1) != 0; ++l) join(to, waiting[l], width);
    ++count;
  }
  /// The sums of all; +0 of none.
  void finish(double* sums) const {
    std::fill_n(sums, width, 0.0);
    bool first = true;
    for (std::size_t l = 0; count >> l != 0; ++l) {
      if ((count >> l & 1) == 0) continue;
      for (std::size_t i = 0; i < width; ++i) sums[i] = first ? waiting[l][i] : waiting[l][i] + sums[i];
      first = false;
    }
  }
};

/// The sums and dots of up to this many rows are found while the rows are formed, those that bits of a number ask for.
inline constexpr int fused_rows = 4, fused_sums = fused_rows * (fused_rows + 3) / 2;
/// Up to this many rows that is so whatever their form is, and for groups side by side; of more, for known forms alone.
inline constexpr int any_rows = 2, sums_of_any = any_rows * (any_rows + 3) / 2;
/// How many groups side by side have a path of their own.
inline constexpr std::size_t abreast = 32;
/// Which bit the dot of rows a and b of so many has; that of the sum of row a is a.
[[nodiscard]] constexpr int fused_dot(int rows, int a, int b) {
  return a < b ? fused_dot(rows, b, a) : rows + a * (a + 1) / 2 + b;
}

/// The magnitude of rank `k`, from 0, among `count` elements, and of rank k + 1; NaN are the last. Selected by the bits
/// of magnitudes, 11 at a time, until those that agree in them are so few that copies of these are looked at alone:
/// exact, and the elements are read few times.
template <class E>
void select_magnitudes(const E* elements, std::size_t count, std::size_t k, double& at_k, double& after_k) {
  using value = computed<E>;
  using word = std::conditional_t<std::is_same_v<value, double>, std::uint64_t, std::uint32_t>;
  constexpr int width = static_cast<int>(8 * sizeof(word)), digit = 11;
  constexpr std::size_t few = 1024;
  constexpr word magnitude = static_cast<word>(~word{0}) >> 1;
  const auto key = [](E element) { return std::bit_cast<word>(static_cast<value>(element)) & magnitude; };
  word found = 0, known = 0;                // the bits that are settled, and which those are
  std::size_t below = 0, agreeing = count;  // elements less than all with these bits, and those with them
  int shift = width - 1;
  const auto settle = [&](const E* from, std::size_t size) {
    const int bits = shift < digit ? shift : digit, rest = shift - bits;
    std::size_t counts[std::size_t{1} << digit] = {};
    for (std::size_t i = 0; i < size; ++i)
      if ((key(from[i]) & known) == found)
        ++counts[static_cast<std::size_t>(key(from[i]) >> rest) & ((std::size_t{1} << bits) - 1)];
    std::size_t d = 0;
    while (below + counts[d] <= k) below += counts[d++];
    agreeing = counts[d];
    found |= static_cast<word>(d) << rest;
    known |= static_cast<word>((word{1} << bits) - 1) << rest;
    return rest;
  };
  while (shift > 0 && agreeing > few) shift = settle(elements, count);
  E copies[few];
  std::size_t copied = 0;
  for (std::size_t i = 0; i < count && shift > 0; ++i)
    if ((key(elements[i]) & known) == found) copies[copied++] = elements[i];
  while (shift > 0) shift = settle(copies, copied);
  word next = found;
  const auto least_above = [&](const E* from, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      if (key(from[i]) > found && (key(from[i]) < next || next == found)) next = key(from[i]);
  };
  if (below + agreeing == k + 1 && k + 1 < count) {
    least_above(copies, copied);
    if (next == found) least_above(elements, count);
  }
  at_k = static_cast<double>(std::bit_cast<value>(found));
  after_k = static_cast<double>(std::bit_cast<value>(next));
}

}  // namespace reduction
}  // namespace fokker::inline v0::kernel
