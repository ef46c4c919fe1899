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
    case instruction_set::portable: \
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
    const chain<computed<E, Network>> c(u);
    const std::size_t all = at.samples * at.size;
    if (folds(c, at)) {
      in_pieces_of_samples(at, [&](std::size_t sample, std::size_t begin, std::size_t count) {
        for (std::size_t run; count > 0; begin += run, count -= run) {
          run = (std::min)(count, steady(c, at, begin));
          const auto value = [&](int t) { return value_of(detail::at(at.tables, t), sample, begin); };
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

  /// The same with numbers of its own for each sample: weights, bounds and normals. The updates differ in nothing else.
  template <class E, class Network, noise_source Noise>
  static void update(std::span<const plan::update> each, const operands<E, Network>& at, const Noise& noise) {
    in_pieces_of_samples(at, [&](std::size_t sample, std::size_t begin, std::size_t count) {
      const chain<computed<E, Network>> c(each[sample]);
      stretch(c, each[sample], at, noise, sample, at.size <= 4 ? 1 : 0, begin, count);
    });
  }

  /// Numbers of samples whose x0-prediction is limited by its own quantile.
  struct limits {
    std::vector<double> quantiles;
    std::vector<plan::update> each;
  };
  [[nodiscard]] static limits make_limits(std::size_t samples) {
    return {std::vector<double>(samples), std::vector<plan::update>(samples)};
  }
  /// The update that follows a threshold, whose x0-prediction is `raw`: its row is divided by the quantiles.
  template <class E, class Network, noise_source Noise>
  static void update(const plan::threshold& by, const E* raw, limits& memory, const plan::update& u,
                     const operands<E, Network>& at, const Noise& noise) {
    quantile(raw, at.samples, at.size, by.quantile, memory.quantiles.data());
    for (std::size_t s = 0; s < at.samples; ++s) memory.each[s] = by.limited(u, memory.quantiles[s]);
    update(std::span<const plan::update>(memory.each), at, noise);
  }

  /// The update of one sample without noise, whose row `error` is written nowhere: what comes back is the root of the
  /// mean of its squares, each as a part of what is allowed on the way `from` an element `to` its next value.
  template <class E>
  [[nodiscard]] static double update(const plan::update& u, const operands<E, E>& at, int error, const E* from,
                                     const E* to, const tolerance& within) {
    const chain<computed<E>> c(u);
    const double squares = joined_chunks(reduction::dot{}, at.size, [&](std::size_t begin, std::size_t count) {
      E errors[reduction::chunk];
      double scaled[reduction::chunk], lanes[reduction::lanes];
      rows(c, at, nullptr, begin, count, error, errors);
      scale_errors(within, errors, from + begin, to + begin, count, scaled);
      fold(reduction::dot{}, scaled, scaled, count, lanes);
      return reduction::tree(reduction::dot{}, lanes, reduction::lanes);
    });
    return std::sqrt(squares / static_cast<double>(at.size));
  }

  /// Finds the numbers of a measure, and runs its tape. All sums and products are found in one pass over the operands
  /// for each way of grouping, in double and by the tree of reduction.hpp; then quantiles, of rows in memory.
  template <class E, class Network, noise_source Noise>
  static void measure(const plan::measure& m, const operands<E, Network>& at, const numbers<computed<E, Network>>& to,
                      const Noise& noise) {
    for (std::size_t i = 0; i < m.of.size(); ++i) {
      bool met = false;
      for (std::size_t j = 0; j < i; ++j) met = met || to.found_groups[j] == to.found_groups[i];
      if (!met) sums(m, at, to, to.found_groups[i], noise);
    }
    for (std::size_t i = 0; i < m.of.size(); ++i)
      if (m.of[i].what == plan::measured::quantile) quantiles(m, at, to, i, noise);
    run_tape(m, to, 0, at.samples);
  }

  /// The elements where the host can read them.
  template <class A>
  [[nodiscard]] static const A* on_host(const A* a, std::size_t) {
    return a;
  }

  /// Memory of this space for `size` elements, which on_host reads.
  template <class A>
  [[nodiscard]] static std::vector<A> make(std::size_t size) {
    return std::vector<A>(size);
  }

  /// results[s] = the sum of the Euclidean distances of sample s of a from the `others` samples of b, in double.
  template <class A, class B>
  static void distances(const A* a, const B* b, std::size_t samples, std::size_t others, std::size_t size,
                        double* results) {
    in_pieces(samples, [&](std::size_t s) {
      const A* p = a + s * size;
      const B* q = b;
      double sum = 0;
      for (std::size_t j = 0; j < others; ++j, q += size) {
        double square = 0;
        for (std::size_t k = 0; k < size; ++k) {
          const double difference = static_cast<double>(p[k]) - static_cast<double>(q[k]);
          square += difference * difference;
        }
        sum += std::sqrt(square);
      }
      results[s] = sum;
    });
  }

  /// means[k] = the mean of element k over the samples, and rows[k * samples + s] = what sample s has above it.
  template <class A>
  static void centre(const A* a, std::size_t samples, std::size_t size, double* means, double* rows) {
    std::fill_n(means, size, 0.0);
    for (std::size_t s = 0; s < samples; ++s)
      for (std::size_t k = 0; k < size; ++k) means[k] += static_cast<double>(a[s * size + k]);
    for (std::size_t k = 0; k < size; ++k) means[k] /= static_cast<double>(samples);
    for (std::size_t s = 0; s < samples; ++s)
      for (std::size_t k = 0; k < size; ++k) rows[k * samples + s] = static_cast<double>(a[s * size + k]) - means[k];
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
    in_pieces(samples, [&](std::size_t s) { results[s] = quantile_of(a + s * size, size, q); });
  }

 private:
  /// The rows of a measure, formed in double: `count` elements from element `begin` of sample `sample` on.
  template <class E, class Network, class Noise>
  static void form(const chain<double>& c, const plan::update& u, const operands<E, Network>& at, std::size_t sample,
                   std::size_t begin, std::size_t count, const Noise& noise, double (*to)[reduction::chunk]) {
    const std::size_t offset = sample * at.size + begin;
    if (u.normal_count > 0 && begin + count > at.size) {  // samples have normals of their own
      for (std::size_t done = 0; done < count;) {
        const std::size_t e = (begin + done) % at.size, here = (std::min)(count - done, at.size - e);
        double part[plan::max_rows][reduction::chunk];
        form(c, u, at, sample + (begin + done) / at.size, e, here, noise, part);
        for (int j = 0; j < c.rows; ++j) std::copy_n(part[j], here, to[j] + done);
        done += here;
      }
      return;
    }
    float drawn[plan::max_normals][reduction::chunk + 8];
    run<double, E> here{};
    double other[plan::max_inputs][std::is_same_v<E, Network> ? 1 : reduction::chunk];
    for (int k = 0; k < c.inputs; ++k) {
      const E* of_x = detail::at(at.inputs, k);
      if constexpr (std::is_same_v<E, Network>) {
        const E* from = (of_x != nullptr ? of_x : detail::at(at.outputs, k)) + offset;
        if constexpr (std::is_same_v<E, double>)
          here.inputs[k] = from;
        else
          here.outputs[k] = from;
      } else if (of_x != nullptr) {
        if constexpr (std::is_same_v<E, double>)
          here.inputs[k] = of_x + offset;
        else
          here.outputs[k] = of_x + offset;
      } else {
        for (std::size_t i = 0; i < count; ++i)
          other[k][i] = static_cast<double>(detail::at(at.outputs, k)[offset + i]);
        here.inputs[k] = other[k];
      }
    }
    for (int q = 0; q < u.normal_count; ++q) {
      const std::size_t skipped = begin % 4;
      draw(drawn[q], (skipped + count + 3) / 4 * 4, static_cast<std::uint32_t>(begin / 4),
           static_cast<std::uint32_t>(sample), detail::at(u.normals, q), noise);
      here.normals[q] = drawn[q] + skipped;
    }
    for (int j = 0; j < c.rows; ++j) here.rows[j] = to[j];
    rows_of(c, here, count);
  }

  /// All sums and products of one way of grouping.
  template <class E, class Network, class Noise>
  static void sums(const plan::measure& m, const operands<E, Network>& at, const numbers<computed<E, Network>>& to,
                   const grouping& by, const Noise& noise) {
    const chain<double> c(m.form);
    int which[plan::max_measured], count = 0;
    for (std::size_t i = 0; i < m.of.size(); ++i)
      if (to.found_groups[i] == by && m.of[i].what != plan::measured::quantile) which[count++] = static_cast<int>(i);
    if (count == 0) return;
    const auto row_of = [&](double(*rows)[reduction::chunk], int i, bool second) {
      const plan::measured& found = detail::at(m.of, i);
      return second ? rows[found.b] : rows[found.a];
    };
    // What `n` elements of formed rows add to each number, a chunk at most.
    const auto chunk_sums = [&](double(*rows)[reduction::chunk], std::size_t first, std::size_t n, double* sums) {
      double lanes[reduction::lanes];
      for (int i = 0; i < count; ++i) {
        const double *a = row_of(rows, which[i], false) + first, *b = row_of(rows, which[i], true) + first;
        const bool pairs = detail::at(m.of, which[i]).what == plan::measured::dot;
        if (n <= reduction::lanes) {  // a lane each
          for (std::size_t l = 0; l < n; ++l) lanes[l] = pairs ? std::fma(a[l], b[l], 0.0) : 0.0 + a[l];
          sums[i] = reduction::tree(reduction::sum{}, lanes, n);
        } else {
          if (pairs)
            fold(reduction::dot{}, a, b, n, lanes);
          else
            fold(reduction::sum{}, a, a, n, lanes);
          sums[i] = reduction::tree(reduction::sum{}, lanes, reduction::lanes);
        }
      }
    };
    const std::size_t groups = at.samples * by.count;
    if (by.repeat == by.members) {           // groups lie behind each other
      if (by.members <= reduction::chunk) {  // as many as fit are formed together
        const std::size_t together = reduction::chunk / by.members;
        in_pieces((groups + together - 1) / together, [&](std::size_t p) {
          alignas(64) double rows[plan::max_rows][reduction::chunk];
          const std::size_t first = p * together, here = (std::min)(together, groups - first);
          form(c, m.form, at, first / by.count, first % by.count * by.members, here * by.members, noise, rows);
          for (std::size_t g = 0; g < here; ++g) {
            double found[plan::max_measured];
            chunk_sums(rows, g * by.members, by.members, found);
            for (int i = 0; i < count; ++i) detail::at(to.found, which[i])[first + g] = found[i];
          }
        });
      } else {
        for (std::size_t g = 0; g < groups; ++g) {
          double found[plan::max_measured];
          joined(count, by.members, found, [&](std::size_t begin, std::size_t n, double* sums) {
            alignas(64) double rows[plan::max_rows][reduction::chunk];
            form(c, m.form, at, g / by.count, g % by.count * by.members + begin, n, noise, rows);
            chunk_sums(rows, 0, n, sums);
          });
          for (int i = 0; i < count; ++i) detail::at(to.found, which[i])[g] = found[i];
        }
      }
      return;
    }
    // Groups lie beside each other: a run of elements is one member of each.
    const std::size_t strips = (by.count + strip - 1) / strip;
    in_pieces(at.samples * strips, [&](std::size_t p) {
      const std::size_t sample = p / strips, first = p % strips * strip, here = (std::min)(strip, by.count - first);
      strided(c, m, at, to, by, sample, first, here, which, count, noise);
    });
  }
  static constexpr std::size_t strip = 64;  // groups beside each other that are summed together
  static constexpr int at_once = 4;         // and numbers

  /// Sums of `here` groups from group `first` of a sample on, whose members lie apart. A lane of each number and group
  /// adds as in reduction.hpp; the chunks of a group are joined as they come, like the digits of a number that counts.
  template <class E, class Network, class Noise>
  static void strided(const chain<double>& c, const plan::measure& m, const operands<E, Network>& at,
                      const numbers<computed<E, Network>>& to, const grouping& by, std::size_t sample,
                      std::size_t first, std::size_t here, const int* which, int count, const Noise& noise) {
    if (count > at_once) {
      strided(c, m, at, to, by, sample, first, here, which + at_once, count - at_once, noise);
      count = at_once;
    }
    constexpr int digits = 24;  // 2^34 elements in chunks
    alignas(64) double rows[plan::max_rows][reduction::chunk], lanes[at_once][reduction::lanes][strip];
    double pending[at_once][digits][strip];
    const std::size_t chunks = (by.members + reduction::chunk - 1) / reduction::chunk;
    for (std::size_t k = 0; k < chunks; ++k) {
      for (int i = 0; i < count; ++i)
        for (auto& lane : lanes[i]) std::fill_n(lane, here, 0.0);
      const std::size_t begin = k * reduction::chunk, end = (std::min)(begin + reduction::chunk, by.members);
      for (std::size_t member = begin; member < end; ++member) {
        const std::size_t outer = member / by.repeat, inner = member % by.repeat;
        const std::size_t near = by.repeat == 1 ? here : 1;  // groups whose members are neighbours
        for (std::size_t g = 0; g < here; g += near) {
          form(c, m.form, at, sample, (outer * by.count + first + g) * by.repeat + inner, near, noise, rows);
          for (int i = 0; i < count; ++i) {
            const plan::measured& found = detail::at(m.of, which[i]);
            const double *a = rows[found.a], *b = rows[found.b];
            double* lane = lanes[i][member % reduction::lanes] + g;
            if (found.what == plan::measured::dot)
              for (std::size_t e = 0; e < near; ++e) lane[e] = std::fma(a[e], b[e], lane[e]);
            else
              for (std::size_t e = 0; e < near; ++e) lane[e] = lane[e] + a[e];
          }
        }
      }
      for (int i = 0; i < count; ++i)
        for (std::size_t g = 0; g < here; ++g) {
          double of_group[reduction::lanes];
          for (std::size_t l = 0; l < reduction::lanes; ++l) of_group[l] = lanes[i][l][g];
          double sum = reduction::tree(reduction::sum{}, of_group, reduction::lanes);
          int digit = 0;
          for (std::size_t rest = k; rest % 2 == 1; rest /= 2) sum = pending[i][digit++][g] + sum;
          pending[i][digit][g] = sum;
        }
    }
    for (int i = 0; i < count; ++i)
      for (std::size_t g = 0; g < here; ++g) {
        double sum = 0;
        bool any = false;
        for (int digit = 0; digit < digits; ++digit)
          if ((chunks >> digit & 1) != 0) {
            sum = any ? pending[i][digit][g] + sum : pending[i][digit][g];
            any = true;
          }
        detail::at(to.found, which[i])[sample * by.count + first + g] = sum;
      }
  }

  template <class Elements>
  [[nodiscard]] static double quantile_of(const Elements& elements, std::size_t size, double q) {
    const double rank = q * static_cast<double>(size - 1), whole = std::floor(rank);
    double low, high;
    reduction::select_magnitudes(elements, size, static_cast<std::size_t>(whole), low, high);
    return rank == whole ? low : std::fma(rank - whole, high - low, low);
  }

  /// Elements of a group that lie apart.
  template <class E>
  struct members_of {
    const E* sample;
    grouping by;
    std::size_t group;
    [[nodiscard]] E operator[](std::size_t k) const {
      return sample[(k / by.repeat * by.count + group) * by.repeat + k % by.repeat];
    }
  };

  /// A quantile of each group, of a row that is written for it.
  template <class E, class Network, class Noise>
  static void quantiles(const plan::measure& m, const operands<E, Network>& at, const numbers<computed<E, Network>>& to,
                        std::size_t i, const Noise& noise) {
    const int j = m.of[i].a;
    plan::update alone = m.form;
    alone.row_count = 1;
    alone.rows[0] = detail::at(m.form.rows, j);
    operands<E, Network> there = at;
    there.rows[0] = detail::at(at.rows, j);
    there.copy = nullptr;
    update(alone, there, noise);
    const grouping& by = to.found_groups[i];
    if (by.repeat == by.members) {
      quantile(there.rows[0], at.samples * by.count, by.members, m.of[i].q, to.found[i]);
      return;
    }
    in_pieces(at.samples * by.count, [&](std::size_t g) {
      const members_of<E> group{there.rows[0] + g / by.count * at.size, by, g % by.count};
      to.found[i][g] = quantile_of(group, by.members, m.of[i].q);
    });
  }

  /// The tree over what `sums_of(begin, count, sums)` finds of the chunks of `size` elements, of several sums at once.
  template <class Sums>
  static void joined(int count, std::size_t size, double* results, const Sums& sums_of) {
    const std::size_t chunks = (size + reduction::chunk - 1) / reduction::chunk;
    std::size_t width = 1;
    while (width < chunks) width *= fan;
    node(count, size, 0, chunks, width, results, sums_of);
  }
  /// The sums of `chunks` chunks from `first` on, at most `width` of them: 1, fan, fan fan, ...
  template <class Sums>
  static void node(int count, std::size_t size, std::size_t first, std::size_t chunks, std::size_t width,
                   double* results, const Sums& sums_of) {
    if (width == 1) {
      const std::size_t begin = first * reduction::chunk;
      return sums_of(begin, (std::min)(reduction::chunk, size - begin), results);
    }
    double below[plan::max_measured][fan];
    const std::size_t step = width / fan, nodes = (chunks + step - 1) / step;
    const auto child = [&](std::size_t k) {
      double sums[plan::max_measured];
      node(count, size, first + k * step, (std::min)(step, chunks - k * step), step, sums, sums_of);
      for (int i = 0; i < count; ++i) below[i][k] = sums[i];
    };
    if (step == fan)
      in_pieces(nodes, child);
    else
      for (std::size_t k = 0; k < nodes; ++k) child(k);
    for (int i = 0; i < count; ++i) results[i] = reduction::tree(reduction::sum{}, below[i], nodes);
  }

  static constexpr std::size_t piece = 16384;  // elements that one thread takes at once
  static constexpr std::size_t chunk =
      1024;  // elements whose normals wait in the first cache; whole runs of any vector

  static constexpr std::size_t block = 256;  // elements whose tables are spread out at once
  static constexpr std::size_t large = 256;  // elements for which it pays to fold their numbers into a chain

  /// With OpenMP another function than without, which the linker never takes for it.
  template <bool = has_openmp, class Work>
  static void in_pieces(std::size_t count, Work work) {
#if defined(_OPENMP)
#pragma omp parallel for schedule(static) if (count > 1)
#endif
    for (std::size_t p = 0; p < count; ++p) work(p);
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
      if (const auto& t = detail::at(at.tables, i); c.uses[i] && t.count > 1 && t.repeat < at.size)
        if (t.repeat < large || t.repeat % 4 != 0) return false;  // normals come in fours
    return true;
  }
  /// For how many elements from this one of a sample on tables keep their numbers.
  template <class C, class Operands>
  [[nodiscard]] static std::size_t steady(const chain<C>& c, const Operands& at, std::size_t element) {
    std::size_t run = at.size;
    for (int i = 0; i < plan::max_tables; ++i)
      if (const auto& t = detail::at(at.tables, i); c.uses[i] && t.count > 1)
        run = (std::min)(run, t.repeat - element % t.repeat);
    return run;
  }

  /// Elements begin ... begin + count of one sample, or, where `small` > 0, so many small samples from `sample` on.
  template <class C, class E, class Network, class Noise>
  static void stretch(const chain<C>& c, const plan::update& u, const operands<E, Network>& at, const Noise& noise,
                      std::size_t sample, std::size_t small, std::size_t begin, std::size_t count) {
    const std::size_t offset = sample * at.size + begin;
    alignas(64) float memory[plan::max_normals][chunk];
    const float* normals[plan::max_normals] = {memory[0], memory[1], memory[2]};
    const std::size_t total = small > 0 ? small * at.size : count;
    const std::size_t step = u.normal_count == 0 ? total : small > 0 ? chunk / 4 * at.size : chunk;
    for (std::size_t i = 0; i < total; i += step) {
      const std::size_t here = (std::min)(step, total - i);
      for (int q = 0; q < u.normal_count; ++q) {
        const plan::normal& z = detail::at(u.normals, q);
        if (small > 0)
          draw_small(memory[q], here / at.size, at.size, static_cast<std::uint32_t>(sample + i / at.size), z, noise);
        else
          draw(memory[q], here, static_cast<std::uint32_t>((begin + i) / 4), static_cast<std::uint32_t>(sample), z,
               noise);
      }
      for (int q = 0; q < u.normal_count; ++q)
        if (const plan::normal& z = detail::at(u.normals, q); z.learned >= 0) {
          const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
          if (const E* values = detail::at(at.inputs, z.learned))
            learned(memory[q], values + offset + i, here, slope, shift);
          else
            learned(memory[q], detail::at(at.outputs, z.learned) + offset + i, here, slope, shift);
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
      const std::size_t run = (std::min)((std::min)(count - k, size - e), repeat - r);
      for (std::size_t i = 0; i < run; i += 4)
        memory[k + i] = memory[k + i + 1] = memory[k + i + 2] = memory[k + i + 3] = values[j];
      k += run;
      e += run;
      r = 0;  // but for the last run
      if (++j == t.count) j = 0;
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
    if (!c.tabled()) return rows_of(c, run_of(c, at, normals, offset, 0, aside, there), count);
    alignas(64) computed<E, Network> memory[plan::max_tables][block + 16];
    for (std::size_t i = 0; i < count; i += block) {
      const std::size_t here = (std::min)(block, count - i);
      auto run = run_of(c, at, normals, offset, i, aside, there);
      for (int t = 0; t < plan::max_tables; ++t)
        if (c.uses[t]) run.tables[t] = spread(detail::at(at.tables, t), at.size, offset + i, here, memory[t]);
      rows_of(c, run, here);
    }
  }

  /// What lies `i` elements behind `offset`, normals behind the first.
  template <class C, class E, class Network>
  [[nodiscard]] static run<E, Network> run_of(const chain<C>& c, const operands<E, Network>& at,
                                              const float* const* normals, std::size_t offset, std::size_t i, int aside,
                                              E* there) {
    run<E, Network> here{};
    offset += i;
    for (int k = 0; k < c.inputs; ++k) {
      if (detail::at(at.inputs, k) != nullptr)
        here.inputs[k] = detail::at(at.inputs, k) + offset;
      else
        here.outputs[k] = detail::at(at.outputs, k) + offset;
    }
    for (int q = 0; q < c.normals; ++q) here.normals[q] = normals[q] + i;
    for (int o = 0; o < c.rows; ++o) here.rows[o] = o == aside ? there + i : detail::at(at.rows, o) + offset;
    if (at.copy != nullptr) {
      here.copy = at.copy + offset;
      here.copied = at.copied;
    }
    return here;
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
      double lanes[reduction::lanes];
      fold(op, a + begin, b + (Op::pairs ? begin : 0), count, lanes);
      return reduction::tree(op, lanes, reduction::lanes);
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
  static void fold(const Op& op, const A* a, const B* b, std::size_t count, double* lanes) {
    FOKKER_DISPATCH(fold(op, a, b, count, lanes));
  }

  template <class C, class E, class Network>
  static void rows_of(const chain<C>& c, const run<E, Network>& at, std::size_t count) {
    FOKKER_DISPATCH(rows_of(c, at, count));
  }

  template <class E>
  static void scale_errors(const tolerance& within, const E* error, const E* from, const E* to, std::size_t count,
                           double* scaled) {
    FOKKER_DISPATCH(scale_errors(within, error, from, to, count, scaled));
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

}  // namespace fokker::inline v0::kernel

#undef FOKKER_DISPATCH
