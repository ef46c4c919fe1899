// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/config.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise/box_muller.hpp>
#include <fokker/plan/program.hpp>

/// Arithmetic in double on numbers of groups. An operation goes over a block of groups before the next one starts. All
/// is rounded as IEEE 754 says, once a result; exponentials, logarithms and angles are polynomials of our own in fma.
/// So the bits are the same on every compiler, instruction set and device.
namespace fokker::inline v0::kernel {

/// Element e of a sample belongs to group e / repeat % count.
struct grouping {
  std::size_t repeat = 1;
  std::size_t count = 1;
  friend bool operator==(const grouping&, const grouping&) = default;
};

/// The groups of samples of these extents along `over`.
/// Throws std::invalid_argument for axes that the samples do not have.
[[nodiscard]] inline grouping groups_of(const plan::axes& over, std::span<const std::size_t> extents) {
  const auto dimensions = static_cast<long long>(extents.size());
  if (over.first < 0 || over.count < 0 || static_cast<long long>(over.first) + over.count > dimensions)
    detail::refuse_text("axes", detail::joined({"{", detail::text(over.first), ", ", detail::text(over.count), "}"}),
                        detail::joined({"{first, count}, the first from 0, of a sample's ", detail::text(dimensions)}));
  const auto product = [&](long long begin, long long end) {
    std::size_t all = 1;
    for (long long i = begin; i < end; ++i) all *= detail::nth(extents, i);
    return all;
  };
  if (over.count == 0) return {product(0, dimensions), 1};
  const long long behind = over.first + over.count;
  const std::size_t count = product(over.first, behind);
  return {product(count == 1 ? 0 : behind, dimensions), count};  // one group is the sample
}

/// Numbers of groups in memory: group g of sample s has values[s * stride + g], and with a count of 1 a sample's groups
/// share values[s * stride].
template <class T>
struct scalars {
  T* values = nullptr;
  std::size_t count = 1;
  std::size_t stride = 1;
};

/// Where a tape finds and leaves its numbers, each list in the order that the plan counts in. What has more than one
/// number a sample has as many as all else that has.
template <class C>
struct tape_memory {
  std::span<const grouping> over;          ///< the groups of what is measured
  std::span<const scalars<double>> found;  ///< what is measured: memory for it, none where the space needs none
  std::span<const scalars<double>> kept;
  std::span<const scalars<C>> tables;  ///< C is what updates compute in
  std::size_t size = 1;                ///< elements of a sample
};

/// Sums of a measure that one pass over the operands finds.
inline constexpr std::size_t most_sums = 8;

/// work(grouping, numbers) for the dots and sums of a measure that have the same groups.
template <class Memory, class Work>
void for_each_grouping(const plan::measure& m, const Memory& numbers, Work work) {
  const auto is_sum = [&](std::size_t i) { return m.of[i].what != plan::measured::quantile; };
  for (std::size_t first = 0; first < m.of.size(); ++first) {
    const grouping& over = numbers.over[first];
    const auto same = [&](std::size_t i) { return is_sum(i) && numbers.over[i] == over; };
    std::size_t before = 0, count = 0;  // those that earlier passes took
    for (std::size_t i = 0; i < first; ++i)
      if (same(i)) ++before;
    if (!is_sum(first) || before % most_sums != 0) continue;
    int sums[most_sums];
    for (std::size_t i = first; i < m.of.size() && count < most_sums; ++i)
      if (same(i)) sums[count++] = static_cast<int>(i);
    work(over, std::span<const int>(sums, count));
  }
}

namespace tape {

/// NaN on the bits, as -ffast-math takes comparisons with it for granted.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline bool is_nan(double a) {
  return (__builtin_bit_cast(std::int64_t, a) & 0x7fffffffffffffff) > 0x7ff0000000000000;
}
/// a 2^n for whole n, where neither is near the ends of the range.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double scaled(double a, double n) {
  const std::uint64_t whole = __builtin_bit_cast(std::uint64_t, n + 0x1.8p52);
  return __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, a) + (whole << 52));
}

/// e^x = 2^n e^r with |r| <= log(2)/2 by the series to r^13, within 1 ulp.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double exponential(double x) {
  const double y = x < -746.0 ? -746.0 : x > 710.0 ? 710.0 : x;  // beyond them are 0 and infinity
  const double n = nearbyint(y * 0x1.71547652b82fep+0);
  double r = detail::fma_rn(n, -0x1.62e42fefa39efp-1, y);
  r = detail::fma_rn(n, -0x1.abc9e3b39803fp-56, r);
  double p = 1.0 / 6227020800;
  p = detail::fma_rn(p, r, 1.0 / 479001600);
  p = detail::fma_rn(p, r, 1.0 / 39916800);
  p = detail::fma_rn(p, r, 1.0 / 3628800);
  p = detail::fma_rn(p, r, 1.0 / 362880);
  p = detail::fma_rn(p, r, 1.0 / 40320);
  p = detail::fma_rn(p, r, 1.0 / 5040);
  p = detail::fma_rn(p, r, 1.0 / 720);
  p = detail::fma_rn(p, r, 1.0 / 120);
  p = detail::fma_rn(p, r, 1.0 / 24);
  p = detail::fma_rn(p, r, 1.0 / 6);
  p = detail::fma_rn(p, r, 0.5);
  p = detail::fma_rn(p, r, 1.0);
  p = detail::fma_rn(p, r, 1.0);
  const double half = nearbyint(n * 0.5);  // 2^n may be no number: two factors, of which the last rounds
  const double result = scaled(p, half) * scaled(1.0, n - half);
  return is_nan(x) ? x : result;
}

/// log(x) = e log(2) + log(m), m in [sqrt(1/2), sqrt(2)), by the series of atanh((m - 1) / (m + 1)), within 1 ulp;
/// NaN below 0.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double logarithm(double x) {
  const bool small = x < 0x1p-1022;
  const auto bits = __builtin_bit_cast(std::uint64_t, small ? x * 0x1p54 : x);  // whose differences wrap round
  const std::int64_t power = __builtin_bit_cast(std::int64_t, bits - 0x3fe6a09e667f3bcd) >> 52;
  const double e = static_cast<double>(static_cast<std::int32_t>(power)) - (small ? 54.0 : 0.0);
  const double f = __builtin_bit_cast(double, bits - (static_cast<std::uint64_t>(power) << 52)) - 1.0;
  const double s = f / (f + 2.0);
  const double z = detail::fma_rn(s, s, -0.0);
  double p = 2.0 / 21;
  p = detail::fma_rn(p, z, 2.0 / 19);
  p = detail::fma_rn(p, z, 2.0 / 17);
  p = detail::fma_rn(p, z, 2.0 / 15);
  p = detail::fma_rn(p, z, 2.0 / 13);
  p = detail::fma_rn(p, z, 2.0 / 11);
  p = detail::fma_rn(p, z, 2.0 / 9);
  p = detail::fma_rn(p, z, 2.0 / 7);
  p = detail::fma_rn(p, z, 2.0 / 5);
  p = detail::fma_rn(p, z, 2.0 / 3);
  // log(m) = f - s (f - z p). The upper part of log(2) has 42 bits, so that its product is exact, and `lost` is what
  // the sum with f rounds away.
  const double upper = detail::fma_rn(e, 0x1.62e42fefa38p-1, f);
  const double lost = f - detail::fma_rn(e, -0x1.62e42fefa38p-1, upper);
  const double rest = detail::fma_rn(-s, detail::fma_rn(-z, p, f), detail::fma_rn(e, 0x1.ef35793c7673p-45, lost));
  const double infinity = __builtin_huge_val();
  if (is_nan(x) || __builtin_bit_cast(std::int64_t, x) == 0x7ff0000000000000) return x;
  return x > 0 ? upper + rest : x == 0 ? -infinity : __builtin_bit_cast(double, std::int64_t{0x7ff8000000000000});
}

/// sin(pi (x + quarters / 2)) for 0 or 1 quarters, by the series of sine and cosine over [-pi/4, pi/4], within 1 ulp;
/// NaN of infinity. An angle in parts of pi loses nothing, however large it is.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double turned(double x, double quarters) {
  const double y = x > -0x1p53 && x < 0x1p53 ? x : 0.0;  // beyond there are whole turns only
  const double n = nearbyint(y + y);
  const double r = detail::fma_rn(n, -0.5, y);
  const double z = detail::fma_rn(r, r, -0.0);
  const double q = detail::fma_rn(nearbyint(n * 0.25), -4.0, n) + quarters;
  const std::uint64_t quarter = __builtin_bit_cast(std::uint64_t, q + 0x1.8p52);
  double s = 0x1.aaec32af93359p-21;
  s = detail::fma_rn(s, z, -0x1.6fadb9f155744p-16);
  s = detail::fma_rn(s, z, 0x1.e8f434d018d63p-12);
  s = detail::fma_rn(s, z, -0x1.e3074fde8871fp-8);
  s = detail::fma_rn(s, z, 0x1.50783487ee782p-4);
  s = detail::fma_rn(s, z, -0x1.32d2cce62bd86p-1);
  s = detail::fma_rn(s, z, 0x1.466bc6775aae2p+1);
  s = detail::fma_rn(s, z, -0x1.4abbce625be53p+2);
  s = detail::fma_rn(r, 0x1.921fb54442d18p+1, r * detail::fma_rn(z, s, 0x1.1a62633145c07p-53));
  double c = 0x1.20c62c2f2d7f5p-18;
  c = detail::fma_rn(c, z, -0x1.b6e24f44b128fp-14);
  c = detail::fma_rn(c, z, 0x1.f9d38a3763cc3p-10);
  c = detail::fma_rn(c, z, -0x1.a6d1f2a204a8cp-6);
  c = detail::fma_rn(c, z, 0x1.e1f506891babbp-3);
  c = detail::fma_rn(c, z, -0x1.55d3c7e3cbffap+0);
  c = detail::fma_rn(c, z, 0x1.03c1f081b5ac4p+2);
  // 1 - z pi^2 / 2, and what its rounding loses.
  const double upper = detail::fma_rn(z, -0x1.3bd3cc9be45dep+2, 1.0);
  c = upper + detail::fma_rn(z * z, c, detail::fma_rn(z, -0x1.3bd3cc9be45dep+2, 1.0 - upper));
  const double result = (quarter & 1) != 0 ? c : s;
  const std::int64_t bits = __builtin_bit_cast(std::int64_t, x);
  if ((bits & 0x7fffffffffffffff) >= 0x7ff0000000000000)
    return is_nan(x) ? x : __builtin_bit_cast(double, std::int64_t{0x7ff8000000000000});
  return (quarter & 2) != 0 ? -result : result;
}
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double cosine(double x) { return turned(x, 1.0); }
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double sine(double x) { return turned(x, 0.0); }

/// acos(x) / pi, by a polynomial of asin(s) / s up to s = 1/2, from there by acos(x) = 2 asin(sqrt((1 - x) / 2)),
/// within 2 ulp.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double arc_cosine(double x) {
  const double a = x < -1.0 || x > 1.0 ? 1.0 : x < 0 ? -x : x;
  const bool small = a < 0.5;
  const double z = small ? a * a : (1.0 - a) * 0.5;
  const double s = small ? a : sqrt(z);
  double p = 0x1.d72b2bc8155f8p-6;
  p = detail::fma_rn(p, z, -0x1.e6aaa8a0a04ccp-7);
  p = detail::fma_rn(p, z, 0x1.1d189408314eep-6);
  p = detail::fma_rn(p, z, 0x1.65a9c4dfcf8b2p-8);
  p = detail::fma_rn(p, z, 0x1.52420b04b37bep-7);
  p = detail::fma_rn(p, z, 0x1.782651caa6547p-7);
  p = detail::fma_rn(p, z, 0x1.c9cf07674736ap-7);
  p = detail::fma_rn(p, z, 0x1.1c4d35cf95421p-6);
  p = detail::fma_rn(p, z, 0x1.6e8bb1c8209a2p-6);
  p = detail::fma_rn(p, z, 0x1.f1c71c1db0623p-6);
  p = detail::fma_rn(p, z, 0x1.6db6db6e31f13p-5);
  p = detail::fma_rn(p, z, 0x1.3333333332ecap-4);
  p = detail::fma_rn(p, z, 0x1.5555555555556p-3);
  const double arc = detail::fma_rn(s * z, p, s);
  const double part = detail::fma_rn(arc, 0x1.45f306dc9c883p-2, arc * -0x1.6b01ec5417056p-56);
  const double result = small ? (x < 0 ? 0.5 + part : 0.5 - part) : x < 0 ? 1.0 - (part + part) : part + part;
  return is_nan(x) ? x : result;
}

// NaN spreads but from what `quotient` and `choose` do not take.
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double quotient(double a, double b, double c) {
  const double divided = a / b;
  const bool zero = __builtin_bit_cast(std::uint64_t, b) << 1 == 0;  // which a NaN is not, also for -ffast-math
  return zero && !is_nan(a) ? c : divided;
}
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double root(double a) { return a < 0 && !is_nan(a) ? 0.0 : sqrt(a); }
[[nodiscard, gnu::always_inline]] FOKKER_HD inline double choose(double a, double b, double c, double d) {
  const double taken = a < b ? c : d;
  return is_nan(a) ? a : is_nan(b) ? b : taken;
}

/// Numbers that go through an operation side by side: many, or those of one sample or a few.
inline constexpr std::size_t block = 64, few = 8;

/// What an operation makes of a block of groups.
template <std::size_t Width>
using row = double[Width];

/// The arithmetic of operation `o` of a tape: `numbers` has a row for each, and those that read memory are there.
template <std::size_t Width>
[[gnu::always_inline]] FOKKER_HD inline void arithmetic(const plan::operation& what, std::size_t o,
                                                        row<Width>* numbers) {
  const auto number = [numbers](int i) -> const double* { return numbers[i < 0 ? 0 : i]; };
  const double *a = number(what.a), *b = number(what.b), *c = number(what.c), *d = number(what.d);
  double* __restrict to = numbers[o];
  switch (what.what) {
    case plan::operation::add:
      for (std::size_t i = 0; i < Width; ++i) to[i] = a[i] + b[i];
      break;
    case plan::operation::subtract:
      for (std::size_t i = 0; i < Width; ++i) to[i] = a[i] - b[i];
      break;
    case plan::operation::multiply:
      for (std::size_t i = 0; i < Width; ++i) to[i] = detail::fma_rn(a[i], b[i], -0.0);
      break;
    case plan::operation::quotient:
      for (std::size_t i = 0; i < Width; ++i) to[i] = quotient(a[i], b[i], c[i]);
      break;
    case plan::operation::root:
      for (std::size_t i = 0; i < Width; ++i) to[i] = root(a[i]);
      break;
    case plan::operation::least:
      for (std::size_t i = 0; i < Width; ++i) to[i] = choose(a[i], b[i], a[i], b[i]);
      break;
    case plan::operation::largest:
      for (std::size_t i = 0; i < Width; ++i) to[i] = choose(a[i], b[i], b[i], a[i]);
      break;
    case plan::operation::choose:
      for (std::size_t i = 0; i < Width; ++i) to[i] = choose(a[i], b[i], c[i], d[i]);
      break;
    case plan::operation::exponential:
      for (std::size_t i = 0; i < Width; ++i) to[i] = exponential(a[i]);
      break;
    case plan::operation::logarithm:
      for (std::size_t i = 0; i < Width; ++i) to[i] = logarithm(a[i]);
      break;
    case plan::operation::cosine:
      for (std::size_t i = 0; i < Width; ++i) to[i] = cosine(a[i]);
      break;
    case plan::operation::sine:
      for (std::size_t i = 0; i < Width; ++i) to[i] = sine(a[i]);
      break;
    case plan::operation::arc_cosine:
      for (std::size_t i = 0; i < Width; ++i) to[i] = arc_cosine(a[i]);
      break;
    case plan::operation::constant:
    case plan::operation::count:
    case plan::operation::found:
    case plan::operation::load:
    case plan::operation::keep:
    case plan::operation::store:
      break;
  }
}

template <std::size_t Width>
[[gnu::always_inline]] FOKKER_HD inline void arithmetic(const plan::operation* tape, std::size_t operations,
                                                        row<Width>* numbers) {
  for (std::size_t o = 0; o < operations; ++o) arithmetic(tape[o], o, numbers);
}

/// How many numbers a sample has in what a tape reads and writes.
template <class C>
[[nodiscard]] std::size_t groups(std::span<const plan::operation> tape, const tape_memory<C>& at) {
  std::size_t most = 1;
  for (const plan::operation& what : tape) {
    if (what.what == plan::operation::found) most = (std::max)(most, detail::nth(at.found, what.index).count);
    if (what.what == plan::operation::load || what.what == plan::operation::keep)
      most = (std::max)(most, detail::nth(at.kept, what.index).count);
    if (what.what == plan::operation::store) most = (std::max)(most, detail::nth(at.tables, what.index).count);
  }
  return most;
}

/// body(i, sample, group) for numbers i of `count`, the first of which is number `first` of all.
template <class Body>
void each_number(std::size_t first, std::size_t count, std::size_t groups, Body body) {
  for (std::size_t i = 0, sample = first / groups, group = first % groups; i < count; ++i) {
    body(i, sample, group);
    if (++group == groups) group = 0, ++sample;
  }
}

/// Whether a measure has one grouping, and what its tape makes of a group depends on no other.
template <class C>
[[nodiscard]] bool apart(const plan::measure& m, const tape_memory<C>& at) {
  if (m.of.empty() || m.of.size() > most_sums) return false;
  const std::size_t count = at.over[0].count;
  for (std::size_t i = 0; i < m.of.size(); ++i)
    if (m.of[i].what == plan::measured::quantile || at.over[i] != at.over[0]) return false;
  return std::all_of(m.tape.begin(), m.tape.end(), [&](const plan::operation& o) {
    if (o.what == plan::operation::keep) return detail::nth(at.kept, o.index).count == count;
    return o.what != plan::operation::store || detail::nth(at.tables, o.index).count == count;
  });
}

/// Runs a tape for the numbers from `first` to `end` of all samples; what is found begins with number `found`.
/// `work(tape, operations, numbers)` is the arithmetic, by an instruction set. What is loaded is what was kept before
/// the tape.
template <std::size_t Width, class C, class Work>
void evaluate(std::span<const plan::operation> tape, const tape_memory<C>& at, std::size_t first, std::size_t end,
              std::size_t groups, std::size_t found, Work work) {
  alignas(64) double numbers[plan::max_operations][Width];
  for (std::size_t o = 0; o < tape.size(); ++o) {
    if (tape[o].what == plan::operation::constant) std::fill_n(numbers[o], Width, tape[o].value);
    if (tape[o].what != plan::operation::count) continue;
    const std::size_t members = at.size / detail::nth(at.over, tape[o].index).count;
    std::fill_n(numbers[o], Width, static_cast<double>(members));
  }
  for (; first < end; first += Width) {
    const std::size_t here = (std::min)(Width, end - first);
    for (std::size_t o = 0; o < tape.size(); ++o) {
      const plan::operation& what = tape[o];
      double* to = numbers[o];
      const auto read = [&](const scalars<double>& from, std::size_t begin = 0) {
        const std::size_t step = from.count == 1 ? 0 : 1;
        if (from.count == groups && from.stride == groups)
          std::copy_n(from.values + (first - begin), here, to);
        else
          each_number(first, here, groups, [&](std::size_t i, std::size_t s, std::size_t g) {
            to[i] = from.values[s * from.stride + g * step];
          });
        if (here < Width) std::fill(to + here, to + Width, 0.0);
      };
      if (what.what == plan::operation::found) read(detail::nth(at.found, what.index), found);
      if (what.what == plan::operation::load) read(detail::nth(at.kept, what.index));
    }
    work(tape.data(), tape.size(), numbers);
    for (const plan::operation& what : tape) {
      const auto write = [&](const auto& to) {
        using T = std::remove_pointer_t<decltype(to.values)>;
        const double* from = detail::nth(numbers, what.a);
        // A number of the whole sample is written with its last group: till then all have read what was there.
        if (to.count == groups && to.stride == groups) {
          T* there = to.values + first;
          if (here == Width)  // which compilers know
            for (std::size_t i = 0; i < Width; ++i) there[i] = static_cast<T>(from[i]);
          else
            for (std::size_t i = 0; i < here; ++i) there[i] = static_cast<T>(from[i]);
          return;
        }
        each_number(first, here, groups, [&](std::size_t i, std::size_t s, std::size_t g) {
          if (to.count > 1)
            to.values[s * to.stride + g] = static_cast<T>(from[i]);
          else if (g + 1 == groups)
            to.values[s * to.stride] = static_cast<T>(from[i]);
        });
      };
      if (what.what == plan::operation::keep) write(detail::nth(at.kept, what.index));
      if (what.what == plan::operation::store) write(detail::nth(at.tables, what.index));
    }
  }
}

}  // namespace tape
/// The numbers of a run: memory of a space for them, taken once, and where each lies. C is what updates compute in.
template <class Space, class C>
class number_memory {
 public:
  /// `sample` are the extents of a sample. Throws std::invalid_argument for a plan whose numbers are along others.
  number_memory(const Space& space, const plan::program& p, std::size_t samples, std::span<const std::size_t> sample);

  /// Where the numbers of a measure go; good until the next one is asked for.
  [[nodiscard]] tape_memory<C> of(const plan::measure& m);
  /// The numbers that outlive their call, on the host, and how they are put back.
  [[nodiscard]] std::vector<double> kept() const {
    if (kept_.size() == 0) return {};
    const auto numbers = space_.on_host(kept_.data(), kept_.size());
    return {&numbers[0], &numbers[0] + kept_.size()};
  }
  /// Those of one, by sample and group.
  [[nodiscard]] std::vector<double> kept(std::size_t i) const {
    const auto numbers = space_.on_host(kept_places_[i].values, samples_ * kept_places_[i].count);
    return {&numbers[0], &numbers[0] + samples_ * kept_places_[i].count};
  }
  void keep(const std::vector<double>& numbers) {
    if (numbers.size() != kept_.size())
      detail::refuse("the number of kept numbers", numbers.size(), detail::text(kept_.size()));
    if (!numbers.empty()) space_.copy(kept_.data(), numbers.data(), numbers.size());
  }
  /// Sample s goes on with what its parent kept; a sample that is a parent is its own.
  void take(std::span<const std::size_t> parents) {
    for (const scalars<double>& k : kept_places_)
      for (std::size_t s = 0; s < parents.size(); ++s)
        if (parents[s] != s) space_.copy(k.values + s * k.stride, k.values + parents[s] * k.stride, k.count);
  }
  [[nodiscard]] table<C> operator[](int t) const {
    const grouping& g = detail::nth(table_groups_, t);
    return {detail::nth(table_places_, t).values, g.repeat, g.count, g.count};
  }

 private:
  template <class List>
  [[nodiscard]] std::size_t size_of(const List& list) const {
    std::size_t size = 0;
    for (const auto& entry : list) size += samples_ * groups_of(entry.over, sample_).count;
    return size;
  }
  template <class List, class T>
  void lay(const List& list, T* at, std::vector<scalars<T>>& places) const {
    for (const auto& entry : list) {
      const std::size_t count = groups_of(entry.over, sample_).count;
      places.push_back({at, count, count});
      at += samples_ * count;
    }
  }
  /// Where the other numbers of a measure are.
  [[nodiscard]] tape_memory<C> numbers_of(const plan::measure& m);
  /// Whether what is found needs memory.
  [[nodiscard]] bool leaves(const plan::measure& m, const tape_memory<C>& at) const {
    if constexpr (requires { space_.leaves(m, at); })
      return space_.leaves(m, at);
    else
      return true;
  }

  Space space_;
  std::vector<std::size_t> sample_;
  std::size_t samples_;
  decltype(std::declval<const Space&>().template make<double>(std::size_t{})) found_;
  decltype(std::declval<const Space&>().template make<C>(std::size_t{})) tables_;
  decltype(std::declval<const Space&>().template make<double>(std::size_t{})) kept_;
  std::vector<scalars<C>> table_places_;
  std::vector<scalars<double>> kept_places_;
  std::vector<grouping> table_groups_;
  grouping groups_[plan::max_measured];
  scalars<double> found_places_[plan::max_measured];
};

// What fokker::compiled has is not in the class: compilers would take it for inline, and compile it again.

template <class Space, class C>
number_memory<Space, C>::number_memory(const Space& space, const plan::program& p, std::size_t samples,
                                       std::span<const std::size_t> sample)
    : space_(space),
      sample_(sample.begin(), sample.end()),
      samples_(samples),
      tables_(space.template make<C>(size_of(p.tables))),
      kept_(space.template make<double>(size_of(p.scalars))) {
  lay(p.tables, tables_.data(), table_places_);
  lay(p.scalars, kept_.data(), kept_places_);
  for (const plan::table& t : p.tables) table_groups_.push_back(groups_of(t.over, sample_));
  std::size_t most = 0;
  for (const plan::call& c : p.calls)
    for (const plan::measure& m : c.measures)
      if (const auto all = numbers_of(m); leaves(m, all)) {
        std::size_t size = 0;
        for (const grouping& g : all.over) size += samples_ * g.count;
        most = (std::max)(most, size);
      }
  found_ = space_.template make<double>(most);
}

template <class Space, class C>
tape_memory<C> number_memory<Space, C>::of(const plan::measure& m) {
  tape_memory<C> all = numbers_of(m);
  const bool memory = leaves(m, all);
  std::size_t before = 0;
  for (std::size_t i = 0; i < m.of.size(); ++i) {
    found_places_[i] = {memory ? found_.data() + before : nullptr, groups_[i].count, groups_[i].count};
    before += samples_ * groups_[i].count;
  }
  all.found = {found_places_, m.of.size()};
  return all;
}

template <class Space, class C>
tape_memory<C> number_memory<Space, C>::numbers_of(const plan::measure& m) {
  for (std::size_t i = 0; i < m.of.size(); ++i)
    groups_[i] = i > 0 && m.of[i].over == m.of[i - 1].over ? groups_[i - 1] : groups_of(m.of[i].over, sample_);
  tape_memory<C> all{{groups_, m.of.size()}, {}, kept_places_, table_places_};
  for (const std::size_t extent : sample_) all.size *= extent;
  return all;
}

}  // namespace fokker::inline v0::kernel
