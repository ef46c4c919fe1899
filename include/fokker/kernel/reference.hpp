// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/detail/at.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// What an update means, element by element, in long double: the oracle of the other kernels, too slow for use.
struct reference {
  template <class E, class Network, noise_source Noise>
  static void update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) {
    for (std::size_t n = 0; n < at.samples * at.size; ++n) element(u, at, noise, n);
  }

  template <class E, class Network, noise_source Noise>
  static void update(std::span<const plan::update> each, const operands<E, Network>& at, const Noise& noise) {
    for (std::size_t n = 0; n < at.samples * at.size; ++n) element(each[n / at.size], at, noise, n);
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

 private:
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

  template <class E, class Network, class Noise>
  static void element(const plan::update& u, const operands<E, Network>& at, const Noise& noise, std::size_t n) {
    using C = computed<E, Network>;
    const auto sample = static_cast<std::uint32_t>(n / at.size);
    const std::size_t e = n % at.size;
    long double results[plan::max_rows] = {};
    for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j) {
      const plan::row& r = u.rows[j];
      const auto add = [&](plan::factor::operand of, std::size_t index, double fixed, auto operand) {
        long double weight = static_cast<C>(fixed);
        bool counts = weight != 0;
        for (const plan::factor& f : u.factors)
          if (f.of == of && f.row == static_cast<int>(j) && f.index == static_cast<int>(index)) {
            const auto& t = detail::at(at.tables, f.table);
            weight +=
                static_cast<long double>(static_cast<C>(f.by)) * t.values[sample * t.stride + e / t.repeat % t.count];
            counts = true;
          }
        if (counts) results[j] += weight * operand();
      };
      for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
        add(plan::factor::input, k, r.inputs[k], [&]() -> long double {
          return at.inputs[k] != nullptr ? static_cast<C>(at.inputs[k][n]) : static_cast<C>(at.outputs[k][n]);
        });
      for (std::size_t i = 0; i < j; ++i) add(plan::factor::earlier, i, r.earlier[i], [&] { return results[i]; });
      for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
        add(plan::factor::normal, q, r.normals[q], [&] {
          const auto block = static_cast<std::uint32_t>(e / 4);
          return noise.normals(sample, block, u.normals[q].id, u.normals[q].stream).z[e % 4] *
                 deviation(u.normals[q], at, n);
        });
      const auto bound = static_cast<long double>(r.clamp);
      results[j] = std::clamp(results[j], -bound, bound);
    }
    for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
      at.rows[j][n] = static_cast<E>(static_cast<C>(results[j]));
    if (at.copy != nullptr) at.copy[n] = static_cast<Network>(static_cast<C>(results[at.copied]));
  }
};

}  // namespace fokker::inline v0::kernel
