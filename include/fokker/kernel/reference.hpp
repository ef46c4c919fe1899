// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <type_traits>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// What an update means, element by element, in long double: the oracle of the other kernels, too slow for use.
struct reference {
  template <class E, class Network, noise_source Noise>
  static void update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) {
    for (std::size_t n = 0; n < at.samples * at.size; ++n) element(u, at, noise, n);
  }

  template <class A, class B>
  static void dot(const A* a, const B* b, std::size_t samples, std::size_t size, double* results) {
    for (std::size_t s = 0; s < samples; ++s) {
      long double sum = 0;
      for (std::size_t i = s * size; i < (s + 1) * size; ++i)
        sum += static_cast<long double>(a[i]) * static_cast<long double>(b[i]);
      results[s] = static_cast<double>(sum);
    }
  }
  template <class A>
  static void norm(const A* a, std::size_t samples, std::size_t size, double* results) {
    dot(a, a, samples, size, results);
    for (std::size_t s = 0; s < samples; ++s) results[s] = std::sqrt(results[s]);
  }
  template <class A>
  static void largest(const A* a, std::size_t samples, std::size_t size, double* results) {
    for (std::size_t s = 0; s < samples; ++s) results[s] = sorted_magnitudes(a + s * size, size).back();
  }
  template <class A>
  static void moments(const A* a, std::size_t samples, std::size_t size, kernel::moments* results) {
    for (std::size_t s = 0; s < samples; ++s) {
      long double sum = 0, squares = 0;
      const auto count = static_cast<long double>(size);
      for (std::size_t i = s * size; i < (s + 1) * size; ++i) sum += a[i];
      for (std::size_t i = s * size; i < (s + 1) * size; ++i) squares += (a[i] - sum / count) * (a[i] - sum / count);
      results[s] = {static_cast<double>(sum / count), static_cast<double>(squares / count)};
    }
  }
  template <class A>
  static void quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results) {
    for (std::size_t s = 0; s < samples; ++s) {
      const auto sorted = sorted_magnitudes(a + s * size, size);
      const double rank = q * static_cast<double>(size - 1);
      const auto low = static_cast<std::size_t>(rank), high = (std::min)(low + 1, size - 1);
      results[s] = sorted[low] + (rank - static_cast<double>(low)) * (sorted[high] - sorted[low]);
    }
  }

  /// Sums and the tape are in long double; quantiles are of rows as they are stored.
  template <class E, class Network, noise_source Noise>
  static void measure(const plan::measure& m, const operands<E, Network>& at, const Noise& noise,
                      const tape_memory<computed<E, Network>>& numbers) {
    for (std::size_t i = 0; i < m.of.size(); ++i) {
      const plan::measured& of = m.of[i];
      const grouping& over = numbers.over[i];
      if (of.what == plan::measured::quantile) update(m.form, at, noise);
      for (std::size_t s = 0; s < at.samples; ++s)
        for (std::size_t g = 0; g < over.count; ++g) {
          long double sum = 0;
          std::vector<E> members;
          for (std::size_t e = 0; e < at.size; ++e) {
            if (e / over.repeat % over.count != g) continue;
            const std::size_t n = s * at.size + e;
            if (of.what == plan::measured::quantile) {
              members.push_back(detail::nth(at.rows, of.a)[n]);
            } else {
              const auto rows = rows_of<double>(m.form, at, noise, n);
              sum += detail::nth(rows, of.a) * (of.what == plan::measured::dot ? detail::nth(rows, of.b) : 1);
            }
          }
          double& found = numbers.found[i].values[s * numbers.found[i].stride + g];
          found = static_cast<double>(sum);
          if (!members.empty()) quantile(members.data(), 1, members.size(), of.q, &found);
        }
    }
    const std::size_t groups = tape::groups(std::span<const plan::operation>(m.tape), numbers);
    for (std::size_t s = 0; s < at.samples; ++s) {
      std::vector<std::vector<long double>> all;
      for (std::size_t g = 0; g < groups; ++g) all.push_back(results_of(m.tape, numbers, s, g));
      for (std::size_t g = 0; g < groups; ++g)
        for (const plan::operation& o : m.tape) {
          const auto write = [&](const auto& to) {
            using T = std::remove_pointer_t<decltype(to.values)>;
            to.values[s * to.stride + (to.count == 1 ? 0 : g)] = static_cast<T>(detail::nth(all[g], o.a));
          };
          if (o.what == plan::operation::keep) write(detail::nth(numbers.kept, o.index));
          if (o.what == plan::operation::store) write(detail::nth(numbers.tables, o.index));
        }
    }
  }

 private:
  template <class C>
  static std::vector<long double> results_of(const std::vector<plan::operation>& tape, const tape_memory<C>& numbers,
                                             std::size_t s, std::size_t g) {
    std::vector<long double> all;
    const auto of = [&](int i) { return i < 0 ? 0 : detail::nth(all, i); };
    const auto read = [&](const scalars<double>& from) {
      return from.values[s * from.stride + (from.count == 1 ? 0 : g)];
    };
    for (const plan::operation& o : tape) {
      const long double a = of(o.a), b = of(o.b);
      const auto result = [&]() -> long double {
        switch (o.what) {
          case plan::operation::constant:
            return o.value;
          case plan::operation::count:
            return static_cast<long double>(numbers.size / detail::nth(numbers.over, o.index).count);
          case plan::operation::found:
            return read(detail::nth(numbers.found, o.index));
          case plan::operation::load:
            return read(detail::nth(numbers.kept, o.index));
          case plan::operation::add:
            return a + b;
          case plan::operation::subtract:
            return a - b;
          case plan::operation::multiply:
            return a * b;
          case plan::operation::quotient:
            return b == 0 ? of(o.c) : a / b;
          case plan::operation::root:
            return a < 0 ? 0 : std::sqrt(a);
          case plan::operation::least:
            return (std::min)(a, b);
          case plan::operation::largest:
            return (std::max)(a, b);
          case plan::operation::choose:
            return a < b ? of(o.c) : of(o.d);
          case plan::operation::exponential:
            return std::exp(a);
          case plan::operation::logarithm:
            return std::log(a);
          case plan::operation::cosine:
            return std::cos(std::numbers::pi_v<long double> * a);
          case plan::operation::sine:
            return std::sin(std::numbers::pi_v<long double> * a);
          case plan::operation::arc_cosine:
            return std::acos((std::max)(-1.0L, (std::min)(a, 1.0L))) / std::numbers::pi_v<long double>;
          case plan::operation::keep:
          case plan::operation::store:
            break;
        }
        return 0;
      };
      all.push_back(result());
    }
    return all;
  }

  template <class A>
  static std::vector<double> sorted_magnitudes(const A* a, std::size_t size) {
    std::vector<double> sorted;
    for (std::size_t i = 0; i < size; ++i) sorted.push_back(std::abs(static_cast<double>(a[i])));
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  /// What a normal is multiplied by.
  template <class E, class Network>
  static long double deviation(const plan::normal& z, const operands<E, Network>& at, std::size_t n) {
    if (z.learned < 0) return 1;
    const auto k = static_cast<std::size_t>(z.learned);
    const auto v = at.inputs[k] != nullptr ? static_cast<float>(at.inputs[k][n]) : static_cast<float>(at.outputs[k][n]);
    return std::exp(static_cast<long double>(static_cast<float>(z.slope)) * v + static_cast<float>(z.offset));
  }

  /// The rows of element n, with weights of type C.
  template <class C, class E, class Network, class Noise>
  static std::array<long double, plan::max_rows> rows_of(const plan::update& u, const operands<E, Network>& at,
                                                         const Noise& noise, std::size_t n) {
    const auto sample = static_cast<std::uint32_t>(n / at.size);
    const std::size_t e = n % at.size;
    std::array<long double, plan::max_rows> results{};
    for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j) {
      const plan::row& r = u.rows[j];
      const auto add = [&](plan::factor::operand of, std::size_t index, double fixed, auto operand) {
        long double weight = static_cast<C>(fixed);
        bool counts = weight != 0;
        for (const plan::factor& f : u.factors)
          if (f.of == of && f.row == static_cast<int>(j) && f.index == static_cast<int>(index)) {
            const auto& t = detail::nth(at.tables, f.table);
            weight +=
                static_cast<long double>(static_cast<C>(f.by)) * t.values[sample * t.stride + e / t.repeat % t.count];
            counts = true;
          }
        if (counts) results[j] += weight * operand();
      };
      add(plan::factor::one, 0, 0, [] { return 1; });
      for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
        add(plan::factor::input, k, r.inputs[k], [&]() -> long double {
          return at.inputs[k] != nullptr ? static_cast<C>(at.inputs[k][n]) : static_cast<C>(at.outputs[k][n]);
        });
      for (std::size_t i = 0; i < j; ++i) add(plan::factor::earlier, i, r.earlier[i], [&] { return results[i]; });
      for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
        add(plan::factor::normal, q, r.normals[q], [&] {
          const auto block = static_cast<std::uint32_t>(e / 4);
          return noise.normals(sample, block, u.normals[q]).z[e % 4] * deviation(u.normals[q], at, n);
        });
      const auto bound = static_cast<long double>(r.clamp);
      results[j] = std::clamp(results[j], -bound, bound);
    }
    return results;
  }

  template <class E, class Network, class Noise>
  static void element(const plan::update& u, const operands<E, Network>& at, const Noise& noise, std::size_t n) {
    using C = computed<E, Network>;
    const auto results = rows_of<C>(u, at, noise, n);
    for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
      if (at.rows[j] != nullptr) at.rows[j][n] = static_cast<E>(static_cast<C>(results[j]));
    if (at.copy != nullptr) at.copy[n] = static_cast<Network>(static_cast<C>(detail::nth(results, at.copied)));
  }
};

}  // namespace fokker::inline v0::kernel
