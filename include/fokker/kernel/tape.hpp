// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/config.hpp>
#include <fokker/detail/at.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

/// What is done with the numbers of groups between a network call and the update after it: one operation after the
/// other over blocks of groups, in double, each result rounded once. So the bits depend on nothing but the numbers.
namespace fokker::inline v0::kernel {

/// Which group an element of a sample belongs to: element e to e / repeat % count. Each has as many members.
struct grouping {
  std::size_t repeat = 1;
  std::size_t count = 1;
  std::size_t members = 1;
  friend bool operator==(const grouping&, const grouping&) = default;
};

/// The groups of axes in a tensor of these extents, that of the samples first; of no axes the sample is the only group.
/// Throws std::invalid_argument for axes that a sample does not have.
[[nodiscard]] inline grouping grouping_of(const plan::axes& over, std::span<const std::size_t> extents) {
  const std::span<const std::size_t> sample = extents.empty() ? extents : extents.subspan(1);
  const auto rank = static_cast<int>(sample.size());
  if (over.first + over.count > rank)
    detail::refuse("the axes of a number", over.first + over.count - 1,
                   detail::joined({"those of a sample of x, of which there are ", detail::text(rank)}));
  grouping g;
  for (int i = 0; i < rank; ++i) {
    const std::size_t extent = detail::at(sample, i);
    const bool kept = i >= over.first && i < over.first + over.count;
    (kept ? g.count : g.members) *= extent;
    if (over.count == 0 || i >= over.first + over.count) g.repeat *= extent;
  }
  return g;
}

/// e^x by 2^n e^r, |r| <= log(2)/2, and the series to r^13; less than 1 ulp off. The end of the range is exact.
[[nodiscard]] inline double exponential(double x) {
  if (detail::is_nan(x)) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0;
  const double n = std::nearbyint(x * 0x1.71547652b82fep+0);
  double r = std::fma(n, -0x1.62e42fefa39efp-1, x);
  r = std::fma(n, -0x1.abc9e3b39803fp-56, r);
  double p = 1.0 / 6227020800;
  for (const double c : {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                         1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
    p = std::fma(p, r, c);
  const auto half = static_cast<std::int64_t>(n) / 2, rest = static_cast<std::int64_t>(n) - half;
  const auto power = [](std::int64_t e) {
    return __builtin_bit_cast(double, static_cast<std::uint64_t>(e + 1023) << 52);
  };
  return p * power(half) * power(rest);
}

/// log x by x = 2^k m, m within a factor of sqrt(2) of 1, and log m = 2 atanh(s), s = (m - 1) / (m + 1), the series to
/// s^23; less than 1 ulp off. log 0 = -infinity; below 0 it is NaN.
[[nodiscard]] inline double logarithm(double x) {
  if (detail::is_nan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (!detail::is_finite(x)) return x;
  std::int64_t k = 0;
  if (x < std::numeric_limits<double>::min()) x *= 0x1p54, k = -54;
  auto bits = __builtin_bit_cast(std::uint64_t, x);
  k += static_cast<std::int64_t>(bits >> 52) - 1023;
  bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
  double m = __builtin_bit_cast(double, bits);
  if (m > 1.4142135623730951) m *= 0.5, ++k;
  const double f = m - 1, s = f / (m + 1), z = s * s, h = detail::rounded_product(0.5 * f, f);
  double p = 2.0 / 23;  // log(1 + f) = f - (h - s (h + z p(z)))
  for (const double c :
       {2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3})
    p = std::fma(p, z, c);
  const auto e = static_cast<double>(k);
  const double tail = std::fma(s, std::fma(z, p, h), e * 0x1.ef35793c76730p-45) - h;
  return std::fma(e, 0x1.62e42fefa3800p-1, f + tail);
}

/// Where the numbers of a run lie, those of group g of sample s at [s count + g] of each list.
template <class C>
struct numbers {
  std::span<const grouping> found_groups, scalar_groups, table_groups;
  std::span<double* const> found;    ///< by number that a measure finds
  std::span<double* const> scalars;  ///< those that outlive their call
  std::span<C* const> tables;
};

/// Runs a tape over the groups of `samples` samples from `first` on.
template <class C>
void run_tape(const plan::measure& m, const numbers<C>& at, std::size_t first, std::size_t samples) {
  constexpr std::size_t block = 64;
  std::size_t fine = 1;  // groups of a sample
  const auto meets = [&fine](const grouping& g) { fine = (std::max)(fine, g.count); };
  for (std::size_t i = 0; i < m.of.size(); ++i) meets(at.found_groups[i]);
  for (const plan::operation& o : m.tape) {
    if (o.what == plan::operation::load || o.what == plan::operation::keep)
      meets(detail::at(at.scalar_groups, o.index));
    if (o.what == plan::operation::store) meets(detail::at(at.table_groups, o.index));
  }
  double values[plan::max_operations][block];
  const std::size_t begin = first * fine, end = (first + samples) * fine;
  for (std::size_t g = begin; g < end; g += block) {
    const std::size_t here = (std::min)(block, end - g);
    // The number of the list that belongs to group g + i; of a sample's own all its groups have the same.
    const auto read = [&](double* to, const double* from, std::size_t count) {
      if (count == fine)
        std::copy_n(from + g, here, to);
      else
        for (std::size_t i = 0; i < here; ++i) to[i] = from[(g + i) / fine];
    };
    const auto write = [&](auto* to, const double* from, std::size_t count) {
      using N = std::remove_pointer_t<decltype(to)>;
      for (std::size_t i = 0; i < here; ++i)
        if (count == fine)
          to[g + i] = static_cast<N>(from[i]);
        else if ((g + i) % fine == 0)
          to[(g + i) / fine] = static_cast<N>(from[i]);
    };
    for (std::size_t k = 0; k < m.tape.size(); ++k) {
      const plan::operation& o = m.tape[k];
      double* const v = values[k];
      const auto operand = [&values](int i) -> const double* { return values[i < 0 ? 0 : i]; };
      const double *a = operand(o.a), *b = operand(o.b), *c = operand(o.c), *d = operand(o.d);
      const auto each = [&](auto compute) {
        for (std::size_t i = 0; i < here; ++i) v[i] = compute(i);
      };
      switch (o.what) {
        case plan::operation::constant:
          each([&](std::size_t) { return o.value; });
          break;
        case plan::operation::count:
          each([&, n = static_cast<double>(detail::at(at.found_groups, o.index).members)](std::size_t) { return n; });
          break;
        case plan::operation::found:
          read(v, detail::at(at.found, o.index), detail::at(at.found_groups, o.index).count);
          break;
        case plan::operation::load:
          read(v, detail::at(at.scalars, o.index), detail::at(at.scalar_groups, o.index).count);
          break;
        case plan::operation::add:
          each([&](std::size_t i) { return a[i] + b[i]; });
          break;
        case plan::operation::subtract:
          each([&](std::size_t i) { return a[i] - b[i]; });
          break;
        case plan::operation::multiply:
          each([&](std::size_t i) { return a[i] * b[i]; });
          break;
        case plan::operation::quotient:
          each([&](std::size_t i) { return b[i] == 0 ? c[i] : a[i] / b[i]; });
          break;
        case plan::operation::root:
          each([&](std::size_t i) { return a[i] < 0 ? 0 : std::sqrt(a[i]); });
          break;
        case plan::operation::least:
          each([&](std::size_t i) { return detail::is_nan(b[i]) || b[i] < a[i] ? b[i] : a[i]; });
          break;
        case plan::operation::largest:
          each([&](std::size_t i) { return detail::is_nan(b[i]) || a[i] < b[i] ? b[i] : a[i]; });
          break;
        case plan::operation::choose:
          each([&](std::size_t i) { return a[i] < b[i] ? c[i] : d[i]; });
          break;
        case plan::operation::exponential:
          each([&](std::size_t i) { return exponential(a[i]); });
          break;
        case plan::operation::logarithm:
          each([&](std::size_t i) { return logarithm(a[i]); });
          break;
        case plan::operation::keep:
          write(detail::at(at.scalars, o.index), a, detail::at(at.scalar_groups, o.index).count);
          break;
        case plan::operation::store:
          write(detail::at(at.tables, o.index), a, detail::at(at.table_groups, o.index).count);
          break;
      }
    }
  }
}

/// The numbers of a run: memory of a space for them, taken once, and where each lies.
template <class Space, class C>
class number_memory {
 public:
  /// Throws std::invalid_argument for a plan whose numbers are along axes that a sample does not have.
  number_memory(const Space& space, const plan::program& p, std::span<const std::size_t> extents)
      : extents_(extents.begin(), extents.end()),
        samples_(extents.front()),
        found_(space.template make<double>(most_found(p))),
        tables_(space.template make<C>(place(p.tables, table_groups_))),
        scalars_(space.template make<double>(place(p.scalars, scalar_groups_))) {
    std::size_t at = 0;
    for (const grouping& g : table_groups_) table_places_.push_back(tables_.data() + at), at += samples_ * g.count;
    at = 0;
    for (const grouping& g : scalar_groups_) scalar_places_.push_back(scalars_.data() + at), at += samples_ * g.count;
  }

  /// Where the numbers of a measure go. It is good until the next one is asked for.
  [[nodiscard]] numbers<C> of(const plan::measure& m) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < m.of.size(); ++i) {
      found_groups_[i] = grouping_of(m.of[i].over, extents_);
      found_places_[i] = found_.data() + at;
      at += samples_ * found_groups_[i].count;
    }
    return {{found_groups_, m.of.size()}, scalar_groups_, table_groups_,
            {found_places_, m.of.size()}, scalar_places_, table_places_};
  }
  [[nodiscard]] table<C> operator[](int t) const {
    const grouping& g = detail::at(table_groups_, t);
    return {.values = detail::at(table_places_, t), .repeat = g.repeat, .count = g.count, .stride = g.count};
  }

 private:
  static const plan::axes& axes_of(const plan::axes& over) { return over; }
  static const plan::axes& axes_of(const plan::table& t) { return t.over; }
  template <class List>
  std::size_t place(const List& list, std::vector<grouping>& groups) const {
    std::size_t size = 0;
    for (const auto& entry : list) size += samples_ * groups.emplace_back(grouping_of(axes_of(entry), extents_)).count;
    return size;
  }
  [[nodiscard]] std::size_t most_found(const plan::program& p) const {
    std::size_t most = 0;
    for (const plan::measure& m : p.measures) {
      std::size_t size = 0;
      for (const plan::measured& found : m.of) size += samples_ * grouping_of(found.over, extents_).count;
      most = (std::max)(most, size);
    }
    return most;
  }

  using doubles = decltype(std::declval<const Space&>().template make<double>(std::size_t{}));
  using values = decltype(std::declval<const Space&>().template make<C>(std::size_t{}));
  std::vector<std::size_t> extents_;
  std::size_t samples_;
  std::vector<grouping> table_groups_, scalar_groups_;
  doubles found_;
  values tables_;
  doubles scalars_;
  std::vector<C*> table_places_;
  std::vector<double*> scalar_places_;
  grouping found_groups_[plan::max_measured];
  double* found_places_[plan::max_measured] = {};
};

}  // namespace fokker::inline v0::kernel
