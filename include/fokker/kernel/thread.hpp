// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

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
    for (int q = 0; q < plan::max_normals; ++q) normals[q] = detail::at(u.normals, q);
  }
};

/// What is asked of each thread. Lean tasks have few rows, all accesses are whole, and there are no tables or, in
/// steady ones, tables that have one number for all elements of a thread.
enum class kind { lean, steady, any };

/// Where its operands lie, and who takes what of them.
template <class E, class Network>
struct task {
  run<E, Network> at;  // of the first element; its normals are drawn here, its tables lie below
  table<computed<E, Network>> tables[plan::max_tables];
  std::uint64_t threads, a_sample, size;  // threads in all, and for a sample of `size` elements
  bool whole;                             // accesses are aligned and, but for a last thread's, complete
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
[[nodiscard]] task<E, Network> task_of(const chain<C>& c, const operands<E, Network>& at) {
  task<E, Network> t{};
  const auto takes = [&t](const auto* memory) { t.whole = t.whole && aligned(memory); };
  t.whole = true;
  for (int k = 0; k < c.inputs; ++k) {
    takes(t.at.inputs[k] = detail::at(at.inputs, k));
    takes(t.at.outputs[k] = detail::at(at.outputs, k));
    if constexpr (std::is_same_v<E, Network>)
      if (t.at.inputs[k] == nullptr) t.at.inputs[k] = t.at.outputs[k];
  }
  for (int o = 0; o < c.rows; ++o) takes(t.at.rows[o] = detail::at(at.rows, o));
  takes(t.at.copy = at.copy);
  t.at.copied = at.copy != nullptr ? at.copied : -1;
  bool steady = true;
  for (int i = 0; i < plan::max_tables; ++i) {
    const auto& from = t.tables[i] = detail::at(at.tables, i);
    steady = steady && (!c.uses[i] || from.count == 1 || from.repeat >= at.size || from.repeat % width<E> == 0);
  }
  // Where no element needs to know its sample, all of them are one.
  const bool one = at.samples == 1 || (c.normals == 0 && !c.tabled());
  t.size = one ? at.samples * at.size : at.size;
  t.whole = t.whole && (one || t.size % width<E> == 0);
  t.a_sample = (t.size + width<E> - 1) / width<E>;
  t.threads = t.a_sample * (one ? 1 : at.samples);
  const bool lean = c.rows <= few_rows && t.whole && t.size % width<E> == 0 && steady;
  t.kind = !lean ? kind::any : c.tabled() ? kind::steady : kind::lean;
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

template <class C, int Width, class E>
FOKKER_HD void load(C (&to)[Width], const E* from, int count, bool whole) {
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

template <class E, class C, int Width>
FOKKER_HD void store(E* to, const C (&from)[Width], int count, bool whole) {
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

/// a / b, by the short division where it is enough.
[[nodiscard]] FOKKER_HD inline std::uint64_t quotient(std::uint64_t a, std::uint64_t b) {
  if ((a | b) >> 32 != 0) return a / b;
  return static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b);
}

/// What a table has for an element of a sample.
template <class C>
[[nodiscard]] FOKKER_HD C value_of(const table<C>& t, std::uint64_t sample, std::uint64_t element) {
  std::uint64_t place = 0;
  if (t.count > 1) {
    place = quotient(element, t.repeat);
    place -= quotient(place, t.count) * t.count;
  }
  return t.values[sample * t.stride + place];
}

/// What thread `index` does, at most so many inputs, normals and rows.
template <int Inputs, int Normals, int Rows, kind Kind, class C, class E, class Network, class Noise>
FOKKER_HD void update(std::uint64_t index, const numbers<C>& all, const task<E, Network>& t, const Noise& noise) {
  constexpr int W = width<E>;
  constexpr bool Lean = Kind == kind::lean || Kind == kind::steady;
  // Without normals and tables no sample is known.
  const bool one = t.threads == t.a_sample || (Kind == kind::lean && Normals == 0);
  const std::uint64_t sample = one ? 0 : quotient(index, t.a_sample);
  const std::uint64_t element = (index - sample * t.a_sample) * W, offset = sample * t.size + element;
  const int count = Lean || t.size - element >= W ? W : static_cast<int>(t.size - element);
  const bool whole = Lean || (t.whole && count == W);
  const chain<C>& c = all.weights;
  const auto load_input = [&](auto& to, int k) {
    if (std::is_same_v<E, Network> || t.at.inputs[k] != nullptr)
      load(to, t.at.inputs[k] + offset, count, whole);
    else
      load(to, t.at.outputs[k] + offset, count, whole);
  };

  portable::packet<C, W> p;
  portable::unrolled<Inputs>([&](auto k) {
    if (c.reads[k]) load_input(p.inputs[k], k);
  });
  portable::unrolled<Normals>([&](auto q) {
    if (q >= c.normals) return;
    const plan::normal& z = all.normals[q];
    float drawn[W];
    for (int i = 0; i < W; i += 4) {
      const noise::quad four =
          noise.normals(static_cast<std::uint32_t>(sample),
                        static_cast<std::uint32_t>((element + static_cast<std::uint64_t>(i)) / 4), z);
      for (int j = 0; j < 4; ++j) drawn[i + j] = four.z[j];
    }
    if (z.learned >= 0) {
      float v[W];
      load_input(v, z.learned);
      const auto slope = static_cast<float>(z.slope), shift = static_cast<float>(z.offset);
      for (int i = 0; i < W; ++i)
        drawn[i] = detail::mul_rn(drawn[i], portable::exponential(detail::fma_rn(slope, v[i], shift)));
    }
    for (int i = 0; i < W; ++i) p.normals[q][i] = static_cast<C>(drawn[i]);
  });
  if constexpr (Kind == kind::lean)
    portable::combine<Inputs, Normals, Rows>(c, p, portable::untabled());
  else if constexpr (Kind == kind::steady)
    portable::combine<Inputs, Normals, Rows>(c, p,
                                             [&](int table) { return value_of(t.tables[table], sample, element); });
  else
    portable::combine<Inputs, Normals, Rows>(c, p, [&](int table, int i) {
      return value_of(t.tables[table], sample, element + static_cast<std::uint64_t>(i));
    });
  portable::unrolled<Rows>([&](auto o) {
    if (o >= c.rows) return;
    if (t.at.rows[o] != nullptr) store(t.at.rows[o] + offset, p.rows[o], count, whole);
    if (t.at.copied == o) store(t.at.copy + offset, p.rows[o], count, whole);
  });
}

/// Sums of a measure that have the same groups: of which rows, b -1 for one alone, and where they go.
template <class E, class Network>
struct sums_task {
  run<E, Network> at;  // of the first element
  table<computed<E, Network>> tables[plan::max_tables];
  std::uint64_t size, members, count, repeat, groups, chunks;  // groups of all samples, chunks of a group
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
    t.at.inputs[k] = detail::at(at.inputs, k);
    t.at.outputs[k] = detail::at(at.outputs, k);
  }
  for (int i = 0; i < plan::max_tables; ++i) t.tables[i] = detail::at(at.tables, i);
  t.size = at.size;
  t.count = over.count;
  t.repeat = over.repeat;
  t.members = at.size / over.count;
  t.groups = at.samples * over.count;
  t.chunks = (t.members + reduction::chunk - 1) / reduction::chunk;
  for (const int i : sums) {
    const plan::measured& what = detail::at(m.of, i);
    t.a[t.sums] = what.a;
    t.b[t.sums] = what.what == plan::measured::dot ? what.b : -1;
    t.to[t.sums] = detail::at(found, i).values;
    t.stride[t.sums++] = detail::at(found, i).stride;
  }
  return t;
}

/// Where sum i of a group goes.
template <class E, class Network>
[[nodiscard]] FOKKER_HD double* place_of(const sums_task<E, Network>& t, int i, std::uint64_t group) {
  const std::uint64_t sample = quotient(group, t.count);
  return t.to[i] + sample * t.stride[i] + (group - sample * t.count);
}

/// Adds member j of a group to the sums, from rows in double.
template <class E, class Network, class Noise>
FOKKER_HD void add_member(const numbers<double>& n, const sums_task<E, Network>& t, const Noise& noise,
                          std::uint64_t group, std::uint64_t j, double (&sums)[most_sums]) {
  const chain<double>& c = n.weights;
  const std::uint64_t sample = quotient(group, t.count), outer = quotient(j, t.repeat);
  const std::uint64_t element = (outer * t.count + (group - sample * t.count)) * t.repeat + (j - outer * t.repeat);
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
  portable::combine(c, p,
                    [&](int table, int) { return static_cast<double>(value_of(t.tables[table], sample, element)); });
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
    if (o.what == plan::operation::found) lies(detail::at(numbers.found, o.index));
    if (o.what == plan::operation::load || o.what == plan::operation::keep) lies(detail::at(numbers.kept, o.index));
    if (o.what == plan::operation::store) lies(detail::at(numbers.tables, o.index));
    if (o.what == plan::operation::count)
      s.value = static_cast<double>(numbers.size / detail::at(numbers.over, o.index).count);
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
