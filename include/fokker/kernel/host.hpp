// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/known_form.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/simd.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/per_sample.hpp>

// The same call by the instruction set that is used.
#if defined(FOKKER_X86)
#define FOKKER_DISPATCH(...)        \
  switch (used_instruction_set()) { \
    case instruction_set::avx512:   \
      return avx512::__VA_ARGS__;   \
    case instruction_set::avx2:     \
      return avx2::__VA_ARGS__;     \
    default:                        \
      return portable::__VA_ARGS__; \
  }
#elif defined(FOKKER_NEON)
#define FOKKER_DISPATCH(...)        \
  switch (used_instruction_set()) { \
    case instruction_set::neon:     \
      return neon::__VA_ARGS__;     \
    default:                        \
      return portable::__VA_ARGS__; \
  }
#else
#define FOKKER_DISPATCH(...) return portable::__VA_ARGS__
#endif

namespace fokker::inline v0::kernel {

/// Whether this file has OpenMP; another of the same program may have it not.
#if defined(_OPENMP)
constexpr bool has_openmp = true;
#else
constexpr bool has_openmp = false;
#endif

/// Memory of the host, row-major. One chain of fma per result, in float (double where an element is double): the same
/// bits for every instruction set, compiler, batch split and number of threads. Threads are OpenMP's where the user's
/// build has it.
struct host {
  /// One pass over the operands of `u`. Results may lie on operands of their type, element by element.
  template <class E, class Network, noise_source Noise>
  static void update(const plan::update& u, const operands<E, Network>& at, const Noise& noise) {
    update(u, at, draws_of(noise));
  }

  /// Updates of samples by themselves, without noise, and the errors that these find. All of one size.
  template <class E>
  static void update(std::span<const own<plan::update, E>> each, const step_error& error);
  /// The same of measures.
  template <class E>
  static void measure(std::span<const own<plan::measure, E>> each, const tape_memory<computed<E>>& numbers);

  /// The elements where the host can read them.
  template <class A>
  [[nodiscard]] static const A* on_host(const A* a, std::size_t) {
    return a;
  }

  /// Copies `count` elements, of the host's memory or this one, to this one.
  template <class A>
  static void copy(A* to, const A* from, std::size_t count) {
    std::copy_n(from, count, to);
  }

  /// Memory of this space for `size` elements, which on_host reads.
  template <class A>
  [[nodiscard]] static std::vector<A> make(std::size_t size) {
    return std::vector<A>(size);
  }

  /// work(p) for each p < count, which threads share. With OpenMP another function than without, which the linker never
  /// takes for it.
  template <bool = has_openmp, class Work>
  static void in_pieces(std::size_t count, Work work) {
#if defined(_OPENMP)
#pragma omp parallel for schedule(static) if (count > 1)
#endif
    for (std::size_t p = 0; p < count; ++p) work(p);
  }

  // Reductions: a number for each sample, by the tree of reduction.hpp.

  /// results[s] = the sum of a b over sample s.
  template <class A, class B>
  static void dot(const A* a, const B* b, std::size_t samples, std::size_t size, double* results) {
    each_sample(samples, size,
                [&](std::size_t s) { results[s] = reduced(reduction::dot{}, a + s * size, b + s * size, size); });
  }
  /// results[s] = the root of the sum of squares.
  template <class A>
  static void norm(const A* a, std::size_t samples, std::size_t size, double* results) {
    each_sample(samples, size, [&](std::size_t s) {
      results[s] = std::sqrt(reduced(reduction::dot{}, a + s * size, a + s * size, size));
    });
  }
  /// results[s] = the largest magnitude; NaN where an element is.
  template <class A>
  static void largest(const A* a, std::size_t samples, std::size_t size, double* results) {
    each_sample(samples, size,
                [&](std::size_t s) { results[s] = reduced(reduction::largest{}, a + s * size, a, size); });
  }
  template <class A>
  static void moments(const A* a, std::size_t samples, std::size_t size, kernel::moments* results) {
    each_sample(samples, size, [&](std::size_t s) {
      const double count = static_cast<double>(size);
      const double mean = reduced(reduction::sum{}, a + s * size, a, size) / count;
      results[s] = {mean, reduced(reduction::squares_about{mean}, a + s * size, a, size) / count};
    });
  }
  /// results[s] = the q-quantile of the magnitudes, linear between two of them; 0 <= q <= 1.
  template <class A>
  static void quantile(const A* a, std::size_t samples, std::size_t size, double q, double* results) {
    const double rank = q * static_cast<double>(size - 1), whole = std::floor(rank);
    in_pieces(samples, [&](std::size_t s) {
      double low, high;
      reduction::select_magnitudes(a + s * size, size, static_cast<std::size_t>(whole), low, high);
      results[s] = rank == whole ? low : std::fma(rank - whole, high - low, low);
    });
  }

  /// What is found of `samples` samples from `sample` on, and what becomes of it. A row of the form that has memory is
  /// written there, as an update writes it: quantiles are of these.
  template <class E, class Network, noise_source Noise>
  static void measure(const plan::measure& m, const operands<E, Network>& at, const Noise& noise,
                      const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples) {
    measure(m, at, draws_of(noise, sample), numbers, sample, samples);
  }

  /// Whether a measure leaves what it finds in memory for a tape that comes later. Of many small groups a piece is
  /// found where it fits the cache, and the tape runs on it at once.
  template <class C>
  [[nodiscard]] static bool leaves(const plan::measure& m, const tape_memory<C>& at) {
    return m.of.empty() || !in_pieces_of_groups(at.over[0], at.size) || !tape::apart(m, at);
  }

  /// How many samples of so many bytes fit the second caches of all threads; 0 where one does not.
  template <bool = has_openmp>
  [[nodiscard]] static std::size_t samples_at_once(std::size_t bytes) {
    std::size_t threads = 0;
#if defined(_OPENMP)
#pragma omp parallel reduction(+ : threads)
#endif
    threads += 1;
    return cache / (std::max)(bytes, std::size_t{1}) * threads;
  }

  /// Runs a tape for `samples` samples from `sample` on.
  template <class C>
  static void evaluate(std::span<const plan::operation> all, const tape_memory<C>& at, std::size_t sample,
                       std::size_t samples) {
    const std::size_t groups = tape::groups(all, at), whole = (std::max)(std::size_t{1}, piece / groups);
    in_pieces((samples + whole - 1) / whole, [&](std::size_t p) {
      const std::size_t first = sample + p * whole, end = sample + (std::min)(samples, (p + 1) * whole);
      evaluate(all, at, first * groups, end * groups, groups, 0);
    });
  }

 private:
  static constexpr std::size_t piece = 16384;                 // elements that one thread takes at once
  static constexpr std::size_t cache = std::size_t{1} << 19;  // bytes that are in the second cache at once
  static constexpr std::size_t chunk =
      1024;  // elements whose normals wait in the first cache; whole runs of any vector

  static constexpr std::size_t block = 256;  // elements whose tables are spread out at once
  static constexpr std::size_t large = 256;  // elements for which it pays to fold their numbers into a chain

  /// A noise source whose type is forgotten, so that kernels are compiled once for all of them; it outlives this.
  struct draws {
    const void* noise;
    std::uint32_t from;  // the sample of the source that is sample 0 here
    void (*many)(float*, std::size_t, std::uint32_t, std::uint32_t, const plan::normal&, const void*);
    void (*small)(float*, std::size_t, std::size_t, std::uint32_t, const plan::normal&, const void*);
  };
  template <class Noise>
  [[nodiscard]] static draws draws_of(const Noise& noise, std::size_t from = 0);

  template <class E, class Network>
  static void update(const plan::update& u, const operands<E, Network>& at, const draws& noise);
  template <class E, class Network>
  static void measure(const plan::measure& m, const operands<E, Network>& at, const draws& noise,
                      const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples);

  /// Runs a tape for the numbers from `first` to `end` of all; what is found begins with number `found`.
  template <class C>
  static void evaluate(std::span<const plan::operation> all, const tape_memory<C>& at, std::size_t first,
                       std::size_t end, std::size_t groups, std::size_t found) {
    const auto work = [](const plan::operation* o, std::size_t count, auto* numbers) { arithmetic(o, count, numbers); };
    if (end - first <= tape::few)
      tape::evaluate<tape::few>(all, at, first, end, groups, found, work);
    else
      tape::evaluate<tape::block>(all, at, first, end, groups, found, work);
  }

  template <class Operands, class Work>
  static void in_pieces_of_samples(const Operands& at, Work work) {
    const std::size_t pieces = (at.size + piece - 1) / piece;
    in_pieces(at.samples * pieces, [&](std::size_t p) {
      const std::size_t begin = p % pieces * piece;
      work(p / pieces, begin, (std::min)(piece, at.size - begin));
    });
  }

  /// What a table has for an element of a sample.
  template <class C>
  [[nodiscard]] static C value_of(const table<C>& t, std::size_t sample, std::size_t element) {
    return t.values[sample * t.stride + element / t.repeat % t.count];
  }

  /// Whether tables have one number for so many elements in a row that these have a chain of their own.
  template <class C, class Operands>
  [[nodiscard]] static bool folds(const chain<C>& c, const Operands& at) {
    if (!c.tabled() || at.size < large) return false;
    for (int i = 0; i < plan::max_tables; ++i)
      if (const auto& t = detail::nth(at.tables, i); c.uses[i] && t.count > 1 && t.repeat < at.size)
        if (t.repeat < large || t.repeat % 4 != 0) return false;  // normals come in fours
    return true;
  }
  /// For how many elements from this one of a sample on tables keep their numbers.
  template <class C, class Operands>
  [[nodiscard]] static std::size_t steady(const chain<C>& c, const Operands& at, std::size_t element) {
    std::size_t run = at.size;
    for (int i = 0; i < plan::max_tables; ++i)
      if (const auto& t = detail::nth(at.tables, i); c.uses[i] && t.count > 1)
        run = (std::min)(run, t.repeat - element % t.repeat);
    return run;
  }

  /// Elements begin ... begin + count of one sample, or, where `small` > 0, so many small samples from `sample` on.
  template <class C, class E, class Network>
  static void stretch(const chain<C>& c, const plan::update& u, const operands<E, Network>& at, const draws& noise,
                      std::size_t sample, std::size_t small, std::size_t begin, std::size_t count) {
    const std::size_t offset = sample * at.size + begin;
    alignas(64) float memory[plan::max_normals][chunk];
    const float* normals[plan::max_normals] = {memory[0], memory[1], memory[2]};
    const std::size_t total = small > 0 ? small * at.size : count;
    const std::size_t step = u.normal_count == 0 ? total : small > 0 ? chunk / 4 * at.size : chunk;
    for (std::size_t i = 0; i < total; i += step) {
      const std::size_t here = (std::min)(step, total - i);
      for (int q = 0; q < u.normal_count; ++q) {
        const plan::normal& z = detail::nth(u.normals, q);
        if (small > 0)
          draw_small(memory[q], here / at.size, at.size, static_cast<std::uint32_t>(sample + i / at.size), z, noise);
        else
          draw(memory[q], here, static_cast<std::uint32_t>((begin + i) / 4), static_cast<std::uint32_t>(sample), z,
               noise);
      }
      for (int q = 0; q < u.normal_count; ++q)
        if (const plan::normal& z = detail::nth(u.normals, q); z.learned >= 0) {
          const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
          if (const E* values = detail::nth(at.inputs, z.learned))
            learned(memory[q], values + offset + i, here, slope, shift);
          else
            learned(memory[q], detail::nth(at.outputs, z.learned) + offset + i, here, slope, shift);
        }
      rows(c, at, normals, offset + i, here);
    }
  }

  /// The numbers of `count` elements, the first of which is element n of all samples of `size`: where they lie, or in
  /// `memory`, which has room for three more.
  template <class C>
  [[nodiscard]] static const C* spread(const table<C>& t, std::size_t size, std::size_t n, std::size_t count,
                                       C* memory) {
    const std::size_t repeat = t.count == 1 ? size : t.repeat;
    std::size_t e = n % size, r = e % repeat, j = e / repeat % t.count;
    const C* values = t.values + n / size * t.stride;
    if (repeat == 1 && (count <= (std::min)(size - e, t.count - j) || (t.stride == size && t.count >= size)))
      return values + j;
    for (std::size_t k = 0; k < count;) {
      std::size_t run = (std::min)(count - k, size - e);
      if (repeat == 1) {
        run = (std::min)(run, t.count - j);
        std::copy_n(values + j, run, memory + k);
        j += run;
      } else {
        run = (std::min)(run, repeat - r);
        for (std::size_t i = 0; i < run; i += 4)
          memory[k + i] = memory[k + i + 1] = memory[k + i + 2] = memory[k + i + 3] = values[j];
        ++j;
      }
      k += run;
      e += run;
      r = 0;  // but for the last run
      if (j == t.count) j = 0;
      if (e < size) continue;
      e = j = 0;
      values += t.stride;
    }
    return memory;
  }

  /// The rows of `count` elements from this one of all on; row `aside` goes `there`.
  template <class C, class E, class Network>
  static void rows(const chain<C>& c, const operands<E, Network>& at, const float* const* normals, std::size_t offset,
                   std::size_t count, int aside = -1, E* there = nullptr) {
    run<E, Network> first = run_of<E>(c, at, normals, offset);
    for (int o = 0; o < c.rows; ++o) {
      E* row = detail::nth(at.rows, o);
      first.rows[o] = o == aside ? there : row == nullptr ? row : row + offset;
    }
    if (at.copy != nullptr) {
      first.copy = at.copy + offset;
      first.copied = at.copied;
    }
    rows(c, at, first, offset, count);
  }

  /// What lies at this element of all, for the normals of which there is a run.
  template <class Row, class C, class E, class Network>
  [[nodiscard]] static run<E, Network, Row> run_of(const chain<C>& c, const operands<E, Network>& at,
                                                   const float* const* normals, std::size_t offset) {
    run<E, Network, Row> first{};
    for (int k = 0; k < c.inputs; ++k) {
      if (detail::nth(at.inputs, k) != nullptr)
        first.inputs[k] = detail::nth(at.inputs, k) + offset;
      else
        first.outputs[k] = detail::nth(at.outputs, k) + offset;
    }
    if (normals != nullptr) std::copy_n(normals, c.normals, first.normals);
    return first;
  }

  /// The rows of a run, which gets its numbers of tables.
  template <class C, class E, class Network, class Row>
  static void rows(const chain<C>& c, const operands<E, Network>& at, const run<E, Network, Row>& first,
                   std::size_t offset, std::size_t count) {
    if (!c.tabled()) return rows_of(c, first, count);
    alignas(64) computed<E, Network> memory[plan::max_tables][block + 16];
    run<E, Network, Row> part = first;
    for (std::size_t i = 0; i < count; i += block) {
      const std::size_t here = (std::min)(block, count - i);
      spread(c, at, offset + i, here, memory, part);
      rows_of(c, part, here);
      advance(c, part, here);
    }
  }
  template <class C, class E, class Network, class Row, std::size_t Count>
  static void spread(const chain<C>& c, const operands<E, Network>& at, std::size_t n, std::size_t count,
                     computed<E, Network> (*memory)[Count], run<E, Network, Row>& to) {
    for (int t = 0; t < plan::max_tables; ++t)
      if (c.uses[t]) to.tables[t] = spread(detail::nth(at.tables, t), at.size, n, count, memory[t]);
  }

  template <class C, class Run>
  static void advance(const chain<C>& c, Run& at, std::size_t count) {
    const auto move = [count](auto*& pointer) {
      if (pointer != nullptr) pointer += count;
    };
    for (int k = 0; k < c.inputs; ++k) move(at.inputs[k]), move(at.outputs[k]);
    for (int q = 0; q < c.normals; ++q) move(at.normals[q]);
    for (int o = 0; o < c.rows; ++o) move(at.rows[o]);
    move(at.copy);
  }

  // Measures. Each grouping is one pass over the operands, of up to `most` sums.

  static constexpr std::size_t most = most_sums;
  static constexpr std::size_t side = 128;       // groups that go side by side where their members do not
  static constexpr std::size_t together = 1024;  // groups whose numbers are found before the tape takes them

  static void join(double* to, const double* from, std::size_t width) { accumulate(to, from, nullptr, width); }
  static void join_few(double* to, const double* from, std::size_t width) {
    portable::accumulate(to, from, nullptr, width);
  }

  /// Rows of a form in double, of elements that follow each other.
  template <std::size_t Count>
  struct formed {
    alignas(64) double rows[plan::max_rows][Count];
  };

  /// Forms `count` elements from element n of all samples on, from `place` on.
  template <std::size_t Count, class E, class Network>
  static void form(const chain<double>& c, const plan::update& u, const operands<E, Network>& at, const draws& noise,
                   std::size_t n, std::size_t count, formed<Count>& to, std::size_t place = 0) {
    alignas(64) float memory[plan::max_normals][Count + 128];  // whole runs of any vector, and what goes before
    const float* normals[plan::max_normals] = {};
    for (int q = 0; q < u.normal_count; ++q) normals[q] = some_normals(u, q, at, noise, n, count, memory[q]);
    auto run = run_of<double>(c, at, normals, n);
    for (int o = 0; o < c.rows; ++o) run.rows[o] = to.rows[o] + place;
    rows(c, at, run, n, count);
  }

  /// Adds `count` elements of rows to sums that lie side by side, or finds one sum of them, at most a chunk.
  template <std::size_t Count>
  static void accumulate(double* sums, const plan::measured& of, const formed<Count>& from, std::size_t count) {
    accumulate(sums, detail::nth(from.rows, of.a),
               of.what == plan::measured::dot ? detail::nth(from.rows, of.b) : nullptr, count);
  }
  template <std::size_t Count>
  [[nodiscard]] static double sum_of(const plan::measured& of, const formed<Count>& from, std::size_t place,
                                     std::size_t count) {
    const double *a = detail::nth(from.rows, of.a) + place, *b = detail::nth(from.rows, of.b) + place;
    return of.what == plan::measured::dot ? fold(reduction::dot{}, a, b, count) : fold(reduction::sum{}, a, b, count);
  }

  /// The same normals as of an update; they lie in `memory`, from where it says.
  template <class E, class Network>
  [[nodiscard]] static const float* some_normals(const plan::update& u, int q, const operands<E, Network>& at,
                                                 const draws& noise, std::size_t n, std::size_t count, float* memory) {
    const plan::normal& z = detail::nth(u.normals, q);
    const std::size_t sample = n / at.size, e = n % at.size;
    float* here;
    if (at.size <= 4) {
      here = memory + e;
      draw_small(memory, (e + count + at.size - 1) / at.size, at.size, static_cast<std::uint32_t>(sample), z, noise);
    } else {
      here = memory + e % 4;
      for (std::size_t i = 0, s = sample, begin = e; i < count; ++s) {
        const std::size_t some = (std::min)(count - i, at.size - begin);
        draw(here + i - begin % 4, some + begin % 4, static_cast<std::uint32_t>(begin / 4),
             static_cast<std::uint32_t>(s), z, noise);
        i += some;
        begin = 0;
      }
    }
    if (z.learned >= 0) {
      const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
      if (const E* values = detail::nth(at.inputs, z.learned))
        learned(here, values + n, count, slope, shift);
      else
        learned(here, detail::nth(at.outputs, z.learned) + n, count, slope, shift);
    }
    return here;
  }

  /// Whether members follow each other, and then groups.
  [[nodiscard]] static bool in_a_row(const grouping& over, std::size_t size) {
    return size / over.count == over.repeat;
  }
  /// Whether groups are found many at once, a piece of them after the other.
  [[nodiscard]] static bool in_pieces_of_groups(const grouping& over, std::size_t size) {
    return in_a_row(over, size) ? over.repeat <= reduction::lanes : over.repeat == 1;
  }

  /// Numbers that are found of a piece of groups.
  struct found_of_groups {
    alignas(64) double sums[most][together];
  };

  /// The sums of a grouping. Those that have no memory go to the tape, a piece after the other.
  template <class E, class Network, class Memory>
  static void add_up(const plan::measure& m, const operands<E, Network>& at, const draws& noise, const grouping& over,
                     std::span<const int> sums, const Memory& numbers, std::size_t sample) {
    const chain<double> c(m.form);
    const std::size_t members = at.size / over.count, groups = at.samples * over.count;
    const auto of = [&](std::size_t i) -> const plan::measured& { return detail::nth(m.of, sums[i]); };
    const auto place = [&](std::size_t i, std::size_t s, std::size_t g) -> double& {
      const scalars<double>& to = detail::nth(numbers.found, sums[i]);
      return to.values[(sample + s) * to.stride + g];
    };
    // Of few rows that have no tables, or a form that is known, the sums are found while these are formed.
    const bool few = c.rows <= reduction::any_rows && !c.tabled();
    int slots[most] = {};
    unsigned wanted = 0;
    for (std::size_t i = 0; c.rows <= reduction::fused_rows && i < sums.size(); ++i) {
      slots[i] = of(i).what == plan::measured::dot ? reduction::fused_dot(c.rows, of(i).a, of(i).b) : of(i).a;
      wanted |= 1u << slots[i];
    }
    const bool fused = few || known::forms::has(known::form_of(c, wanted));
    // What becomes of the numbers of `count` groups from `first` on.
    const auto leave = [&](std::size_t first, std::size_t count, found_of_groups& found) {
      if (detail::nth(numbers.found, sums[0]).values == nullptr) {
        scalars<double> here[most];
        for (std::size_t i = 0; i < sums.size(); ++i) here[i] = {found.sums[i], over.count, over.count};
        Memory all = numbers;
        all.found = {here, sums.size()};
        first += sample * over.count;
        return evaluate(std::span<const plan::operation>(m.tape), all, first, first + count, over.count, first);
      }
      for (std::size_t i = 0; i < sums.size(); ++i)
        tape::each_number(first, count, over.count,
                          [&](std::size_t k, std::size_t s, std::size_t g) { place(i, s, g) = found.sums[i][k]; });
    };
    // The sums of `count` elements from element n on, of `each` of them, at most `at_once` times.
    const auto find = [&](std::size_t n, std::size_t count, std::size_t each, double(*found)[most]) {
      alignas(64) float memory[plan::max_normals][reduction::chunk + 128];
      const float* normals[plan::max_normals] = {};
      double all[at_once][reduction::fused_sums];
      const std::size_t step = m.form.normal_count > 0 ? each : count;
      for (std::size_t i = 0, k = 0; i < count; i += step) {
        const std::size_t here = (std::min)(step, count - i);
        for (int q = 0; q < m.form.normal_count; ++q)
          normals[q] = some_normals(m.form, q, at, noise, n + i, here, memory[q]);
        sums_of_rows(c, run_of<double>(c, at, normals, n + i), wanted, here, each, all + k);
        for (const std::size_t end = k + (here + each - 1) / each; k < end; ++k)
          for (std::size_t s = 0; s < sums.size(); ++s) found[k][s] = all[k][slots[s]];
      }
    };
    const bool row = in_a_row(over, at.size);
    if (row && members <= reduction::chunk) {
      const std::size_t many = reduction::chunk / members;
      in_pieces((groups + many - 1) / many, [&](std::size_t p) {
        const std::size_t first = p * many, here = (std::min)(many, groups - first);
        found_of_groups found;
        if (fused && members > reduction::lanes) {
          for (std::size_t begin = 0; begin < here; begin += at_once) {
            double some[at_once][most];
            const std::size_t count = (std::min)(at_once, here - begin);
            find((first + begin) * members, count * members, members, some);
            for (std::size_t k = 0; k < count; ++k)
              for (std::size_t i = 0; i < sums.size(); ++i) found.sums[i][begin + k] = some[k][i];
          }
          return leave(first, here, found);
        }
        formed<reduction::chunk> rows;
        form(c, m.form, at, noise, first * members, here * members, rows);
        for (std::size_t i = 0; i < sums.size(); ++i) {
          double* to = found.sums[i];
          if (members > reduction::lanes) {
            for (std::size_t k = 0; k < here; ++k) to[k] = sum_of(of(i), rows, k * members, members);
            continue;
          }
          double lanes[reduction::chunk] = {};  // each member is a lane, and the others are +0
          accumulate(lanes, of(i), rows, here * members);
          std::size_t left = members;  // of each group; as long as pairs of neighbours are all of one group
          for (; left % 2 == 0; left /= 2) join_pairs(lanes, here * left);
          if (left == 1)
            std::copy_n(lanes, here, to);
          else
            for (std::size_t k = 0; k < here; ++k) to[k] = reduction::tree(reduction::dot{}, lanes + k * left, left);
        }
        leave(first, here, found);
      });
    } else if (over.repeat == 1) {
      const bool abreast = few && members <= reduction::chunk && m.form.normal_count == 0;
      const std::size_t many = std::clamp(piece / members / side * side, side, together);
      const std::size_t blocks = (over.count + many - 1) / many;
      in_pieces(at.samples * blocks, [&](std::size_t p) {
        const std::size_t s = p / blocks, first = p % blocks * many;
        const std::size_t here = (std::min)(many, over.count - first);
        found_of_groups found;
        if (abreast && here >= reduction::abreast) {
          double* to[reduction::sums_of_any] = {};
          for (std::size_t i = sums.size(); i-- > 0;) to[slots[i]] = found.sums[i];
          sums_abreast(c, run_of<double>(c, at, nullptr, s * at.size + first), members, over.count, here, to);
          for (std::size_t i = 0; i < sums.size(); ++i)  // one that is asked for twice
            if (to[slots[i]] != found.sums[i]) std::copy_n(to[slots[i]], here, found.sums[i]);
        } else {
          for (std::size_t g = 0; g < here; g += side)
            add_up_side_by_side(c, m, at, noise, sums, s * at.size + first + g, members, over.count,
                                (std::min)(side, here - g), found, g);
        }
        leave(s * over.count + first, here, found);
      });
    } else {
      const auto sums_of_chunk = [&](std::size_t group, std::size_t begin, std::size_t count, double* found) {
        formed<reduction::chunk> rows;
        for (std::size_t i = 0; i < count;) {  // runs of members that follow each other
          const std::size_t outer = (begin + i) / over.repeat, inner = (begin + i) % over.repeat;
          const std::size_t run = (std::min)(count - i, over.repeat - inner);
          const std::size_t before = (group / over.count * (members / over.repeat) + outer) * over.count;
          form(c, m.form, at, noise, (before + group % over.count) * over.repeat + inner, run, rows, i);
          i += run;
        }
        for (std::size_t i = 0; i < sums.size(); ++i) found[i] = sum_of(of(i), rows, 0, count);
      };
      const auto sums_of = [&](std::size_t group, std::size_t begin, std::size_t count, double(*found)[most]) {
        if (fused && row) return find(group * members + begin, count, reduction::chunk, found);
        for (std::size_t i = 0; i < count; i += reduction::chunk)
          sums_of_chunk(group, begin + i, (std::min)(reduction::chunk, count - i), *found++);
      };
      each_sample(groups, members, [&](std::size_t group) {
        double found[most];
        joined_chunks(
            members, sums.size(),
            [&](std::size_t begin, std::size_t count, double(*to)[most]) { sums_of(group, begin, count, to); }, found);
        for (std::size_t i = 0; i < sums.size(); ++i) place(i, group / over.count, group % over.count) = found[i];
      });
    }
  }

  /// Sums of up to `side` groups from element n of all samples on, whose members are `stride` apart, a lane after the
  /// other; they go from `place` on.
  template <class E, class Network>
  static void add_up_side_by_side(const chain<double>& c, const plan::measure& m, const operands<E, Network>& at,
                                  const draws& noise, std::span<const int> sums, std::size_t n, std::size_t members,
                                  std::size_t stride, std::size_t count, found_of_groups& to, std::size_t place) {
    formed<side> rows;
    reduction::pairs<most * side, 30> tree;
    tree.width = sums.size() * side;
    for (std::size_t begin = 0; begin < members; begin += reduction::chunk) {
      const std::size_t end = (std::min)(members, begin + reduction::chunk);
      const std::size_t lanes = (std::min)(reduction::lanes, members);  // of few members the others are +0
      for (std::size_t l = 0; l < lanes; ++l) {
        double* lane = tree.next();
        std::fill_n(lane, tree.width, 0.0);
        for (std::size_t j = begin + l; j < end; j += reduction::lanes) {
          form(c, m.form, at, noise, n + j * stride, count, rows);
          for (std::size_t i = 0; i < sums.size(); ++i)
            accumulate(lane + i * side, detail::nth(m.of, sums[i]), rows, count);
        }
        tree.add(join);
      }
    }
    double found[most * side];
    tree.finish(found);
    for (std::size_t i = 0; i < sums.size(); ++i) std::copy_n(found + i * side, count, to.sums[i] + place);
  }

  static constexpr std::size_t at_once = 16;  // chunks whose sums are found one after the other

  /// The tree over what `sums_of(begin, count, sums)` finds of the chunks of `size` elements, `width` sums at once.
  template <class Sums>
  static void joined_chunks(std::size_t size, std::size_t width, Sums sums_of, double* found) {
    using tree = reduction::pairs<most, 20>;
    const std::size_t part = fan * reduction::chunk, parts = (size + part - 1) / part;
    const auto part_of = [&](std::size_t p, double* to) {
      tree chunks;
      chunks.width = width;
      const std::size_t end = (std::min)(size, (p + 1) * part);
      for (std::size_t begin = p * part; begin < end; begin += at_once * reduction::chunk) {
        double some[at_once][most];
        const std::size_t here = (std::min)(at_once * reduction::chunk, end - begin);
        sums_of(begin, here, some);
        for (std::size_t k = 0; k * reduction::chunk < here; ++k) {
          std::copy_n(some[k], width, chunks.next());
          chunks.add(join_few);
        }
      }
      chunks.finish(to);
    };
    tree all;
    all.width = width;
    double sums[fan][most];
    for (std::size_t p = 0; p < parts; p += fan) {
      const std::size_t here = (std::min)(fan, parts - p);
      in_pieces(here, [&](std::size_t i) { part_of(p + i, sums[i]); });
      for (std::size_t i = 0; i < here; ++i) {
        std::copy_n(sums[i], width, all.next());
        all.add(join_few);
      }
    }
    all.finish(found);
  }

  /// Writes the rows that have memory, and finds the quantiles of some.
  template <class E, class Network, class Memory>
  static void quantiles(const plan::measure& m, const operands<E, Network>& at, const draws& noise,
                        const Memory& numbers, std::size_t sample) {
    bool written = false;
    for (int o = 0; o < m.form.row_count; ++o) written = written || detail::nth(at.rows, o) != nullptr;
    if (!written) return;
    update(m.form, at, noise);
    for (std::size_t i = 0; i < m.of.size(); ++i) {
      if (m.of[i].what != plan::measured::quantile) continue;
      const grouping& over = numbers.over[i];
      const scalars<double>& to = numbers.found[i];
      const std::size_t members = at.size / over.count;
      const E* all = detail::nth(at.rows, m.of[i].a);
      in_pieces(at.samples * over.count, [&](std::size_t group) {
        const std::size_t s = group / over.count, g = group % over.count;
        double* result = to.values + (sample + s) * to.stride + g;
        if (members == over.repeat) return quantile(all + group * members, 1, members, m.of[i].q, result);
        std::vector<E> copy(members);
        for (std::size_t j = 0; j < members; ++j)
          copy[j] = all[s * at.size + (j / over.repeat * over.count + g) * over.repeat + j % over.repeat];
        quantile(copy.data(), 1, members, m.of[i].q, result);
      });
    }
  }

  /// Small samples side by side; a large one has threads of its own.
  template <class Work>
  static void each_sample(std::size_t samples, std::size_t size, Work work) {
    if (size <= fan * reduction::chunk)
      in_pieces(samples, work);
    else
      for (std::size_t s = 0; s < samples; ++s) work(s);
  }
  static constexpr std::size_t fan = 64;  // chunks to a group, groups to a block

  template <class Op, class A, class B>
  static double reduced(const Op& op, const A* a, const B* b, std::size_t size) {
    return joined_chunks(op, size, [&](std::size_t begin, std::size_t count) {
      return fold(op, a + begin, b + (Op::pairs ? begin : 0), count);
    });
  }

  /// The tree over `sum_of(begin, count)` of the chunks of `size` elements.
  template <class Op, class Sum>
  static double joined_chunks(const Op& op, std::size_t size, Sum sum_of) {
    const auto group = [&](std::size_t g) {
      double sums[fan];
      std::size_t count = 0;
      for (std::size_t i = g * fan * reduction::chunk; i < size && count < fan; i += reduction::chunk)
        sums[count++] = sum_of(i, (std::min)(reduction::chunk, size - i));
      return reduction::tree(op, sums, count);
    };
    const std::size_t groups = (size + fan * reduction::chunk - 1) / (fan * reduction::chunk);
    if (groups == 1) return group(0);
    double blocks[max_blocks], sums[fan];
    std::size_t count = 0;
    for (std::size_t g = 0; g < groups; g += fan) {
      const std::size_t here = (std::min)(fan, groups - g);
      in_pieces(here, [&](std::size_t i) { sums[i] = group(g + i); });
      blocks[count++] = reduction::tree(op, sums, here);
    }
    return reduction::tree(op, blocks, count);
  }
  static constexpr std::size_t max_blocks = (std::uint64_t{1} << 34) / (fan * fan * reduction::chunk);

  // The same call by every instruction set.

  template <class Op, class A, class B>
  static double fold(const Op& op, const A* a, const B* b, std::size_t count) {
    FOKKER_DISPATCH(fold(op, a, b, count));
  }

  template <class E, class Network>
  static void sums_of_rows(const chain<double>& c, const run<E, Network, double>& at, unsigned wanted,
                           std::size_t count, std::size_t each, double (*to)[reduction::fused_sums]) {
    FOKKER_DISPATCH(sums_of_rows(c, at, wanted, count, each, to));
  }

  template <class E, class Network>
  static void sums_abreast(const chain<double>& c, const run<E, Network, double>& at, std::size_t members,
                           std::size_t stride, std::size_t count, double* const* to) {
    FOKKER_DISPATCH(sums_abreast(c, at, members, stride, count, to));
  }

  static void accumulate(double* sums, const double* a, const double* b, std::size_t count) {
    FOKKER_DISPATCH(accumulate(sums, a, b, count));
  }
  static void join_pairs(double* values, std::size_t count) { FOKKER_DISPATCH(join_pairs(values, count)); }

  template <class C, class E, class Network, class Row>
  static void rows_of(const chain<C>& c, const run<E, Network, Row>& at, std::size_t count) {
    FOKKER_DISPATCH(rows_of(c, at, count));
  }

  template <class E>
  static void scale_errors(const tolerance& within, const E* error, const E* from, const E* to, std::size_t count,
                           double* scaled) {
    FOKKER_DISPATCH(scale_errors(within, error, from, to, count, scaled));
  }

  template <std::size_t Width>
  static void arithmetic(const plan::operation* all, std::size_t operations, tape::row<Width>* numbers) {
    FOKKER_DISPATCH(arithmetic(all, operations, numbers));
  }

  template <class V>
  static void learned(float* z, const V* v, std::size_t count, float slope, float offset) {
    FOKKER_DISPATCH(learned(z, v, count, slope, offset));
  }

  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const noise::philox& noise) {
    sample += noise.first_sample;
    first += noise.first_element.blocks;
    FOKKER_DISPATCH(normals(to, count, first, sample, z.id, z.stream, noise.seed));
  }

  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const noise::philox& noise) {
    if (noise.first_element.blocks != 0)  // which is rare
      return draw_small<noise::philox>(to, samples, size, first_sample, z, noise);
    first_sample += noise.first_sample;
    FOKKER_DISPATCH(normals_of_small(to, samples, size, first_sample, z.id, z.stream, noise.seed));
  }

  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const noise::per_sample& noise) {
    draw(to, count, first, 0, z, noise.each[sample]);
  }
  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const noise::per_sample& noise) {
    for (std::size_t s = 0; s < samples; ++s) draw_small(to + s * size, 1, size, 0, z, noise.each[first_sample + s]);
  }

  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const draws& noise) {
    noise.many(to, count, first, noise.from + sample, z, noise.noise);
  }
  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const draws& noise) {
    noise.small(to, samples, size, noise.from + first_sample, z, noise.noise);
  }

  /// Any other source of noise, by its own word.
  template <class Noise>
  static void draw(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
                   const Noise& noise) {
    for (std::size_t i = 0; i < count; i += 4) {
      const auto four = noise.normals(sample, first + static_cast<std::uint32_t>(i / 4), z);
      for (std::size_t k = 0; k < 4; ++k) to[i + k] = four.z[k];
    }
  }
  template <class Noise>
  static void draw_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                         const plan::normal& z, const Noise& noise) {
    for (std::size_t s = 0; s < samples; ++s) {
      const auto four = noise.normals(first_sample + static_cast<std::uint32_t>(s), 0, z);
      for (std::size_t k = 0; k < size; ++k) to[s * size + k] = four.z[k];
    }
  }
};

// What fokker::compiled has is not in the class: compilers would take it for inline, and compile it again.

template <class Noise>
host::draws host::draws_of(const Noise& noise, std::size_t from) {
  return {&noise, static_cast<std::uint32_t>(from),
          [](float* to, std::size_t count, std::uint32_t first, std::uint32_t sample, const plan::normal& z,
             const void* n) { draw(to, count, first, sample, z, *static_cast<const Noise*>(n)); },
          [](float* to, std::size_t samples, std::size_t size, std::uint32_t first, const plan::normal& z,
             const void* n) { draw_small(to, samples, size, first, z, *static_cast<const Noise*>(n)); }};
}

template <class E, class Network>
void host::update(const plan::update& u, const operands<E, Network>& at, const draws& noise) {
  const chain<computed<E, Network>> c(u);
  const std::size_t all = at.samples * at.size;
  if (folds(c, at)) {
    in_pieces_of_samples(at, [&](std::size_t sample, std::size_t begin, std::size_t count) {
      for (std::size_t run; count > 0; begin += run, count -= run) {
        run = (std::min)(count, steady(c, at, begin));
        const auto value = [&](int t) { return value_of(detail::nth(at.tables, t), sample, begin); };
        stretch(c.folded(u.factors, value), u, at, noise, sample, 0, begin, run);
      }
    });
  } else if (u.normal_count == 0) {
    in_pieces((all + piece - 1) / piece,
              [&](std::size_t p) { rows(c, at, nullptr, p * piece, (std::min)(piece, all - p * piece)); });
  } else if (at.size <= 4) {  // many samples a piece
    const std::size_t samples = piece / 4;
    in_pieces((at.samples + samples - 1) / samples, [&](std::size_t p) {
      stretch(c, u, at, noise, p * samples, (std::min)(samples, at.samples - p * samples), 0, 0);
    });
  } else {
    in_pieces_of_samples(at, [&](std::size_t sample, std::size_t begin, std::size_t count) {
      stretch(c, u, at, noise, sample, 0, begin, count);
    });
  }
}

template <class E>
void host::update(std::span<const own<plan::update, E>> each, const step_error& error) {
  each_sample(each.size(), each.empty() ? 0 : each.front().at->size, [&](std::size_t i) {
    const own<plan::update, E>& one = each[i];
    const operands<E> at = part_of(*one.at, one.sample, 1);
    if (error.row < 0) return update(*one.what, at, noise::philox{});
    const chain<computed<E>> c(*one.what);
    const std::size_t first = one.sample * at.size;
    const double squares = joined_chunks(reduction::dot{}, at.size, [&](std::size_t begin, std::size_t count) {
      E errors[reduction::chunk];
      double scaled[reduction::chunk];
      rows(c, at, nullptr, begin, count, error.row, errors);
      scale_errors(error.within, errors, one.from + first + begin, one.to + first + begin, count, scaled);
      return fold(reduction::dot{}, scaled, scaled, count);
    });
    error.of_each[i] = std::sqrt(squares / static_cast<double>(at.size));
  });
}

template <class E>
void host::measure(std::span<const own<plan::measure, E>> each, const tape_memory<computed<E>>& numbers) {
  each_sample(each.size(), each.empty() ? 0 : each.front().at->size,
              [&](std::size_t i) { measure(*each[i].what, *each[i].at, noise::philox{}, numbers, each[i].sample, 1); });
}

template <class E, class Network>
void host::measure(const plan::measure& m, const operands<E, Network>& at, const draws& noise,
                   const tape_memory<computed<E, Network>>& numbers, std::size_t sample, std::size_t samples) {
  if (samples == 0) return;
  const auto part = part_of(at, sample, samples);
  for_each_grouping(m, numbers, [&](const grouping& over, std::span<const int> sums) {
    add_up(m, part, noise, over, sums, numbers, sample);
  });
  if (!m.of.empty() && numbers.found[0].values == nullptr) return;  // the tape took each piece
  quantiles(m, part, noise, numbers, sample);
  evaluate(std::span<const plan::operation>(m.tape), numbers, sample, samples);
}

// With OpenMP it is the file's own.
#if defined(FOKKER_COMPILED) && !defined(_OPENMP)
#define FOKKER_KERNEL extern template
#include <fokker/kernel/compiled.inl>
#undef FOKKER_KERNEL
#endif

}  // namespace fokker::inline v0::kernel

#undef FOKKER_DISPATCH
