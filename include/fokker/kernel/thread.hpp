// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <fokker/config.hpp>
#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/philox.hpp>

/// An update as a device runs it: each thread takes `width` consecutive elements of one sample through the body of the
/// portable kernels, 16 bytes an access where memory allows it.
namespace fokker::inline v0::kernel::thread {

/// Elements that a thread takes: whole blocks of normals.
template <class E>
inline constexpr int width = sizeof(E) == 2 ? 8 : 4;

/// Results of nearly every update: registers for more of them would leave fewer threads a multiprocessor.
inline constexpr int few_rows = 4;
static_assert(few_rows <= plan::max_rows);

/// The numbers of an update, those of all samples or of one.
template <class C>
struct numbers {
  chain<C> weights;
  plan::normal normals[plan::max_normals];

  explicit numbers(const plan::update& u) : weights(u) {
    for (int q = 0; q < plan::max_normals; ++q) normals[q] = detail::nth(u.normals, q);
  }
};

/// What is asked of each thread. In steady tasks there are few rows, all accesses are whole, 31 bits are enough to
/// count, and tables have one number for all elements of a thread. Lean ones have no tables either, every input is
/// read, the deviation of normals is 1, and there is a kernel for just so many of each.
enum class kind { lean, steady, any };

/// Whether it is: for what most samplers ask, with and without guidance.
[[nodiscard]] constexpr bool has_lean(int inputs, int normals, int rows) {
  return normals <= 1 && rows >= 1 && rows <= 3 && (rows == 1 || inputs >= rows) && inputs <= rows + 4;
}

/// Division by a number that the host knows: below 2^31 a multiplication (Granlund & Montgomery 1994).
struct divisor {
  std::uint64_t by;
  std::uint32_t factor = 0, shift = 0;

  divisor() : divisor(1) {}
  explicit divisor(std::uint64_t number) : by(number) {
    if (by == 0 || by >> 31 != 0) return;
    shift = 31u + static_cast<std::uint32_t>(std::bit_width(by - 1));
    factor = static_cast<std::uint32_t>((std::uint64_t{1} << shift) / by + 1);
  }
  [[nodiscard]] FOKKER_HD std::uint32_t short_quotient(std::uint32_t a) const {
    return static_cast<std::uint32_t>(std::uint64_t{a} * factor >> shift);
  }
  [[nodiscard]] FOKKER_HD friend std::uint64_t operator/(std::uint64_t a, const divisor& d) {
    return (a | d.by) >> 31 != 0 ? a / d.by : d.short_quotient(static_cast<std::uint32_t>(a));
  }
};

/// A table, ready to be looked up.
template <class C>
struct indexed {
  const C* values = nullptr;
  std::uint64_t stride = 0;
  divisor repeat, count;

  indexed() = default;
  explicit indexed(const table<C>& t) : values(t.values), stride(t.stride), repeat(t.repeat), count(t.count) {}

  /// The place of an element's number among those of its sample.
  [[nodiscard]] FOKKER_HD std::uint64_t place(std::uint64_t element) const {
    const std::uint64_t before = element / repeat;
    return before - before / count * count.by;
  }
  [[nodiscard]] FOKKER_HD std::uint32_t short_place(std::uint32_t element) const {
    const std::uint32_t before = repeat.short_quotient(element);
    return before - count.short_quotient(before) * static_cast<std::uint32_t>(count.by);
  }
};

/// Where its operands lie, and who takes what of them.
template <class E, class Network>
struct task {
  run<E, Network> at;  // of the first element; its normals are drawn here, its tables lie below
  indexed<computed<E, Network>> tables[plan::max_tables];
  std::uint64_t threads, size;  // threads in all, elements of a sample
  divisor a_sample;             // threads of a sample
  bool whole;                   // accesses are aligned and, but for a last thread's, complete
  kernel::thread::kind kind;
};

/// noise::philox, whose keys are counted once for all threads, or, where `each` is not null, noise::per_sample in
/// memory of the device.
struct seeds {
  noise::round_keys keys;
  noise::philox one;
  const noise::philox* each = nullptr;

  explicit seeds(const noise::philox& source) : keys(source.seed), one(source) {}
  explicit seeds(const noise::philox* table) : keys(0), each(table) {}

  [[nodiscard]] FOKKER_HD noise::quad normals(std::uint32_t sample, std::uint32_t block,
                                              const noise_piece& piece) const {
    return noise::normals_of(each != nullptr
                                 ? noise::philox4x32(each[sample].counter(0, block, piece), each[sample].seed)
                                 : noise::philox4x32(one.counter(sample, block, piece), keys));
  }
};

template <class E>
[[nodiscard]] bool aligned(const E* at) {
  constexpr std::size_t bytes = sizeof(E) * width<E>;
  return reinterpret_cast<std::uintptr_t>(at) % (bytes < 16 ? bytes : 16) == 0;
}

/// The task of an update.
template <class C, class E, class Network>
[[nodiscard]] task<E, Network> task_of(const numbers<C>& all, const operands<E, Network>& at) {
  const chain<C>& c = all.weights;
  task<E, Network> t{};
  const auto takes = [&t](const auto* memory) { t.whole = t.whole && aligned(memory); };
  t.whole = true;
  for (int k = 0; k < c.inputs; ++k) {
    takes(t.at.inputs[k] = detail::nth(at.inputs, k));
    takes(t.at.outputs[k] = detail::nth(at.outputs, k));
    if constexpr (std::is_same_v<E, Network>)
      if (t.at.inputs[k] == nullptr) t.at.inputs[k] = t.at.outputs[k];
  }
  for (int o = 0; o < c.rows; ++o) takes(t.at.rows[o] = detail::nth(at.rows, o));
  takes(t.at.copy = at.copy);
  t.at.copied = at.copy != nullptr ? at.copied : -1;
  // Where no element needs to know its sample, all of them are one.
  const bool one = at.samples == 1 || (c.normals == 0 && !c.tabled());
  t.size = one ? at.samples * at.size : at.size;
  t.whole = t.whole && (one || t.size % width<E> == 0);
  t.a_sample = divisor((t.size + width<E> - 1) / width<E>);
  t.threads = t.a_sample.by * (one ? 1 : at.samples);
  bool steady = c.rows <= few_rows && t.whole && t.size % width<E> == 0 && t.threads >> 31 == 0 &&
                (!c.tabled() || t.size >> 31 == 0);
  for (int i = 0; i < plan::max_tables; ++i) {
    if (!c.uses[i]) continue;
    table<computed<E, Network>> from = detail::nth(at.tables, i);
    if (from.count == 1 || from.repeat >= t.size) from = {from.values, t.size, 1, from.stride};  // the first for all
    steady = steady && from.repeat % width<E> == 0 && from.count >> 31 == 0;
    t.tables[i] = indexed(from);
  }
  bool lean = steady && !c.tabled() && has_lean(c.inputs, c.normals, c.rows);
  for (int k = 0; k < c.inputs; ++k) lean = lean && c.reads[k];
  for (int q = 0; q < c.normals; ++q) lean = lean && all.normals[q].learned < 0;
  t.kind = lean ? kind::lean : steady ? kind::steady : kind::any;
  return t;
}

#if defined(__CUDA_ARCH__)
/// Accesses of 16 bytes, or of all there are.
template <class E, int Width>
struct pack {
  using word = std::conditional_t<sizeof(E) * Width == 8, uint2, uint4>;
  word words[sizeof(E) * Width / sizeof(word)];
};
template <class E, int Width>
struct elements {
  E e[Width];
};
#endif

template <int Width, class C, class E>
FOKKER_HD void load(C (&to)[std::size_t{Width}], const E* from, int count, bool whole) {
#if defined(__CUDA_ARCH__)
  if (whole) {
    pack<E, Width> all;
    for (std::size_t w = 0; w < sizeof all / sizeof all.words[0]; ++w)
      all.words[w] = reinterpret_cast<const typename pack<E, Width>::word*>(from)[w];
    const auto read = __builtin_bit_cast(elements<E, Width>, all);
    for (int i = 0; i < Width; ++i) to[i] = static_cast<C>(read.e[i]);
    return;
  }
#endif
  for (int i = 0; i < Width; ++i) to[i] = whole || i < count ? static_cast<C>(from[i]) : C{0};
}

template <int Width, class E, class C>
FOKKER_HD void store(E* to, const C (&from)[std::size_t{Width}], int count, bool whole) {
#if defined(__CUDA_ARCH__)
  if (whole) {
    elements<E, Width> write;
    for (int i = 0; i < Width; ++i) write.e[i] = static_cast<E>(from[i]);
    const auto all = __builtin_bit_cast(pack<E, Width>, write);
    for (std::size_t w = 0; w < sizeof all / sizeof all.words[0]; ++w)
      __stcg(reinterpret_cast<typename pack<E, Width>::word*>(to) + w, all.words[w]);  // nvcc divides a plain one
    return;
  }
#endif
  for (int i = 0; i < Width; ++i)
    if (whole || i < count) to[i] = static_cast<E>(from[i]);
}

/// What a table has for elements of a sample from one on.
template <int Width, class C>
FOKKER_HD void values_of(const indexed<C>& t, std::uint64_t sample, std::uint64_t element, int count,
                         C (&to)[std::size_t{Width}]) {
  const C* values = t.values + sample * t.stride;
  const std::uint64_t before = element / t.repeat;
  std::uint64_t place = before - before / t.count * t.count.by, left = (before + 1) * t.repeat.by - element;
  for (int i = 0; i < Width; ++i) {
    to[i] = i < count ? values[place] : C{0};
    if (--left != 0) continue;
    left = t.repeat.by;
    place = place + 1 < t.count.by ? place + 1 : 0;
  }
}

/// What thread `index` does, of a lean task with just so many inputs, normals and rows, and at most so many of others.
template <int Inputs, int Normals, int Rows, kind Kind, class C, class E, class Network, class Noise>
FOKKER_HD void update(std::uint64_t index, const numbers<C>& all, const task<E, Network>& t, const Noise& noise) {
  constexpr int W = width<E>;
  constexpr bool Lean = Kind == kind::lean;
  constexpr bool Whole = Kind != kind::any;
  const chain<C>& c = all.weights;
  std::uint64_t sample = 0;
  if constexpr (Lean && Normals == 0) {  // without normals and tables no sample is known
  } else if constexpr (Whole) {
    sample = t.a_sample.short_quotient(static_cast<std::uint32_t>(index));
  } else {
    sample = index / t.a_sample;
  }
  const std::uint64_t turn = index - sample * t.a_sample.by, element = turn * W;
  const std::uint64_t offset = Whole ? index * W : sample * t.size + element;
  const int count = Whole || t.size - element >= W ? W : static_cast<int>(t.size - element);
  const bool whole = Whole || (t.whole && count == W);
  const auto load_input = [&](auto& to, int k) {
    if (std::is_same_v<E, Network> || t.at.inputs[k] != nullptr)
      load<W>(to, t.at.inputs[k] + offset, count, whole);
    else
      load<W>(to, t.at.outputs[k] + offset, count, whole);
  };

  portable::packet<C, W> p;
  portable::unrolled<Inputs>([&](auto k) {
    if (Lean || c.reads[k]) load_input(p.inputs[k], k);
  });
  portable::unrolled<Normals>([&](auto q) {
    if (!Lean && q >= c.normals) return;
    const plan::normal& z = all.normals[q];
    float drawn[std::size_t{W}];
    for (int i = 0; i < W; i += 4) {
      const noise::quad four =
          noise.normals(static_cast<std::uint32_t>(sample),
                        static_cast<std::uint32_t>(turn * (W / 4) + static_cast<std::uint64_t>(i / 4)), z);
      for (int j = 0; j < 4; ++j) drawn[i + j] = four.z[j];
    }
    if (!Lean && z.learned >= 0) {
      float v[std::size_t{W}];
      load_input(v, z.learned);
      const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
      for (int i = 0; i < W; ++i)
        drawn[i] = detail::mul_rn(drawn[i], portable::exponential(detail::fma_rn(slope, v[i], shift)));
    }
    for (int i = 0; i < W; ++i) p.normals[q][i] = static_cast<C>(drawn[i]);
  });
  if constexpr (Lean) {
    portable::combine<Inputs, Normals, Rows>(c, p, portable::untabled());
  } else if constexpr (Whole) {
    C values[plan::max_tables];
    for (int i = 0; i < plan::max_tables; ++i) {
      const indexed<C>& from = t.tables[i];
      if (c.uses[i])
        values[i] = from.values[sample * from.stride + from.short_place(static_cast<std::uint32_t>(element))];
    }
    portable::combine<Inputs, Normals, Rows>(c, p, [&](int table) { return values[table]; });
  } else {
    C values[plan::max_tables][std::size_t{W}];
    for (int i = 0; i < plan::max_tables; ++i)
      if (c.uses[i]) values_of<W>(t.tables[i], sample, element, count, values[i]);
    portable::combine<Inputs, Normals, Rows>(c, p, [&](int table, int i) { return values[table][i]; });
  }
  portable::unrolled<Rows>([&](auto o) {
    if (!Lean && o >= c.rows) return;
    if (t.at.rows[o] != nullptr) store<W>(t.at.rows[o] + offset, p.rows[o], count, whole);
    if (t.at.copied == o) store<W>(t.at.copy + offset, p.rows[o], count, whole);
  });
}

/// body(inputs, normals, rows, kind) for the kernel of a task, all four as constants of the compiler's.
template <class C, class E, class Network, class Body>
void choose(const chain<C>& c, const task<E, Network>& t, const Body& body) {
  using portable::constant;
  constexpr std::integral_constant<kind, kind::lean> lean;
  constexpr std::integral_constant<kind, kind::steady> steady;
  constexpr std::integral_constant<kind, kind::any> any;
  constexpr constant<plan::max_inputs> inputs;
  constexpr constant<plan::max_normals> normals;
  const auto try_one = [&](auto n) {
    constexpr int I = decltype(n)::value / (2 * few_rows), N = decltype(n)::value / few_rows % 2;
    constexpr int R = decltype(n)::value % few_rows;
    if constexpr (has_lean(I, N, R))
      if (c.inputs == I && c.normals == N && c.rows == R) body(constant<I>(), constant<N>(), constant<R>(), lean);
  };
  const auto try_all = [&]<int... Each>(std::integer_sequence<int, Each...>) { (try_one(constant<Each>()), ...); };
  if (t.kind == kind::lean)
    try_all(std::make_integer_sequence<int, plan::max_inputs * 2 * few_rows>());
  else if (t.kind == kind::steady && c.normals == 0)
    body(inputs, constant<0>(), constant<few_rows>(), steady);
  else if (t.kind == kind::steady)
    body(inputs, normals, constant<few_rows>(), steady);
  else
    body(inputs, normals, constant<plan::max_rows>(), any);
}

/// Sums of a measure that have the same groups: of which rows, b -1 for one alone, and where they go.
template <class E, class Network>
struct sums_task {
  run<E, Network> at;  // of the first element
  indexed<computed<E, Network>> tables[plan::max_tables];
  std::uint64_t size, members, groups;  // groups of all samples
  divisor count, repeat, chunks;        // of a grouping, and the chunks of a group
  int sums;
  int a[most_sums], b[most_sums];
  double* to[most_sums];
  std::uint64_t stride[most_sums];
};

template <class E, class Network>
[[nodiscard]] sums_task<E, Network> sums_of(const plan::measure& m, const operands<E, Network>& at,
                                            const grouping& over, std::span<const int> sums,
                                            std::span<const scalars<double>> found) {
  sums_task<E, Network> t{};
  for (int k = 0; k < m.form.input_count; ++k) {
    t.at.inputs[k] = detail::nth(at.inputs, k);
    t.at.outputs[k] = detail::nth(at.outputs, k);
  }
  for (int i = 0; i < plan::max_tables; ++i) t.tables[i] = indexed(detail::nth(at.tables, i));
  t.size = at.size;
  t.count = divisor(over.count);
  t.repeat = divisor(over.repeat);
  t.members = at.size / over.count;
  t.groups = at.samples * over.count;
  t.chunks = divisor((t.members + reduction::chunk - 1) / reduction::chunk);
  for (const int i : sums) {
    const plan::measured& what = detail::nth(m.of, i);
    t.a[t.sums] = what.a;
    t.b[t.sums] = what.what == plan::measured::dot ? what.b : -1;
    t.to[t.sums] = detail::nth(found, i).values;
    t.stride[t.sums++] = detail::nth(found, i).stride;
  }
  return t;
}

/// Where sum i of a group goes.
template <class E, class Network>
[[nodiscard]] FOKKER_HD double* place_of(const sums_task<E, Network>& t, int i, std::uint64_t group) {
  const std::uint64_t sample = group / t.count;
  return t.to[i] + sample * t.stride[i] + (group - sample * t.count.by);
}

/// Adds member j of a group to the sums, from rows in double.
template <class E, class Network, class Noise>
FOKKER_HD void add_member(const numbers<double>& n, const sums_task<E, Network>& t, const Noise& noise,
                          std::uint64_t group, std::uint64_t j, double (&sums)[most_sums]) {
  const chain<double>& c = n.weights;
  const std::uint64_t sample = group / t.count, outer = j / t.repeat;
  const std::uint64_t element =
      (outer * t.count.by + (group - sample * t.count.by)) * t.repeat.by + (j - outer * t.repeat.by);
  const std::uint64_t offset = sample * t.size + element;
  const auto load_input = [&](auto& to, int k) {
    if (t.at.inputs[k] != nullptr)
      to = static_cast<std::remove_reference_t<decltype(to)>>(t.at.inputs[k][offset]);
    else
      to = static_cast<std::remove_reference_t<decltype(to)>>(t.at.outputs[k][offset]);
  };
  portable::packet<double, 1> p;
  portable::unrolled<plan::max_inputs>([&](auto k) {
    if (c.reads[k]) load_input(p.inputs[k][0], k);
  });
  portable::unrolled<plan::max_normals>([&](auto q) {
    if (q >= c.normals) return;
    const plan::normal& z = n.normals[q];
    const noise::quad four =
        noise.normals(static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>(element / 4), z);
    float drawn = four.z[element % 4];
    if (z.learned >= 0) {
      float v = 0;
      load_input(v, z.learned);
      const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
      drawn = detail::mul_rn(drawn, portable::exponential(detail::fma_rn(slope, v, shift)));
    }
    p.normals[q][0] = static_cast<double>(drawn);
  });
  portable::combine(c, p, [&](int table, int) {
    const auto& from = t.tables[table];
    return static_cast<double>(from.values[sample * from.stride + from.place(element)]);
  });
  portable::unrolled<most_sums>([&](auto i) {
    if (i >= t.sums) return;
    const double a = p.rows[t.a[i]][0];
    sums[i] = t.b[i] < 0 ? portable::add_to(reduction::sum{}, sums[i], a, 0)
                         : portable::add_to(reduction::dot{}, sums[i], a, p.rows[t.b[i]][0]);
  });
}

/// The sums of a chunk of a group by one thread: a lane after the other, joined as a binary counter counts.
template <class E, class Network, class Noise>
FOKKER_HD void add_chunk(const numbers<double>& n, const sums_task<E, Network>& t, const Noise& noise,
                         std::uint64_t group, std::uint64_t chunk, double (&sums)[most_sums]) {
  constexpr int levels = 6;
  double waiting[levels][most_sums];
  const std::uint64_t begin = chunk * reduction::chunk;
  const std::uint64_t end = t.members - begin < reduction::chunk ? t.members : begin + reduction::chunk;
  const auto lanes = static_cast<std::uint32_t>(t.members < reduction::lanes ? t.members : reduction::lanes);
  std::uint32_t done = 0;
  for (; done < lanes; ++done) {
    for (double& sum : sums) sum = 0;
    for (std::uint64_t j = begin + done; j < end; j += reduction::lanes) add_member(n, t, noise, group, j, sums);
    int level = 0;
    for (; (done >> level & 1) != 0; ++level)
      for (int i = 0; i < t.sums; ++i) sums[i] = waiting[level][i] + sums[i];
    for (int i = 0; i < t.sums; ++i) waiting[level][i] = sums[i];
  }
  bool first = true;
  for (int level = 0; level < levels; ++level) {
    if ((done >> level & 1) == 0) continue;
    for (int i = 0; i < t.sums; ++i) sums[i] = first ? waiting[level][i] : waiting[level][i] + sums[i];
    first = false;
  }
}

/// A tape whose operations know where in memory of the device their numbers are.
struct tape_step {
  plan::operation::kind what;
  bool wide;  // there is a number a group
  signed char a, b, c, d;
  union {
    double value;  // of a constant and of a count
    void* at;
  };
  std::uint64_t stride;
};
static_assert(sizeof(tape_step) * plan::max_operations < 4000, "a kernel takes 4 KiB");
struct tape_task {
  tape_step steps[plan::max_operations];
  int count;
};

template <class C>
[[nodiscard]] tape_task tape_of(std::span<const plan::operation> tape, const tape_memory<C>& numbers,
                                std::size_t sample) {
  tape_task t{};
  for (const plan::operation& o : tape) {
    tape_step& s = t.steps[t.count++];
    s.what = o.what;
    s.a = static_cast<signed char>(o.a);
    s.b = static_cast<signed char>(o.b);
    s.c = static_cast<signed char>(o.c);
    s.d = static_cast<signed char>(o.d);
    if (o.what == plan::operation::constant) s.value = o.value;
    const auto lies = [&](const auto& x) {
      s.at = x.values + sample * x.stride;
      s.stride = x.stride;
      s.wide = x.count > 1;
    };
    if (o.what == plan::operation::found) lies(detail::nth(numbers.found, o.index));
    if (o.what == plan::operation::load || o.what == plan::operation::keep) lies(detail::nth(numbers.kept, o.index));
    if (o.what == plan::operation::store) lies(detail::nth(numbers.tables, o.index));
    if (o.what == plan::operation::count)
      s.value = static_cast<double>(numbers.size / detail::nth(numbers.over, o.index).count);
  }
  return t;
}

/// The results of all operations for a group of a sample.
FOKKER_HD inline void evaluate(const tape_task& t, std::uint64_t sample, std::uint64_t group, double (*results)[1]) {
  for (int o = 0; o < t.count; ++o) {
    const tape_step& s = t.steps[o];
    if (s.what == plan::operation::constant || s.what == plan::operation::count)
      results[o][0] = s.value;
    else if (s.what == plan::operation::found || s.what == plan::operation::load)
      results[o][0] = static_cast<const double*>(s.at)[sample * s.stride + (s.wide ? group : 0)];
    else
      tape::arithmetic(plan::operation{.what = s.what, .a = s.a, .b = s.b, .c = s.c, .d = s.d},
                       static_cast<std::size_t>(o), results);
  }
}
/// Writes what is kept and stored of them: numbers of groups, or those of the sample.
template <class C>
FOKKER_HD void write(const tape_task& t, std::uint64_t sample, std::uint64_t group, bool wide,
                     const double (*results)[1]) {
  for (int o = 0; o < t.count; ++o) {
    const tape_step& s = t.steps[o];
    if (s.wide != wide) continue;
    const std::uint64_t place = sample * s.stride + (s.wide ? group : 0);
    if (s.what == plan::operation::keep) static_cast<double*>(s.at)[place] = results[s.a][0];
    if (s.what == plan::operation::store) static_cast<C*>(s.at)[place] = static_cast<C>(results[s.a][0]);
  }
}

}  // namespace fokker::inline v0::kernel::thread
