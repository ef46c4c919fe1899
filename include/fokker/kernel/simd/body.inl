// SPDX-License-Identifier: MIT
// The kernels over the vectors of one instruction set. The operations and their order are those of noise/philox.hpp,
// noise/box_muller.hpp and kernel/portable.hpp, which say why.

FOKKER_SIMD void philox_round(words* c, words k0, words k1) {
  const words a = low_products(all(0xd2511f53u), c[0]), b = low_products(all(0xcd9e8d57u), c[2]);
  c[0] = differ(odd_words(b), c[1], k0);
  c[1] = b;
  c[2] = differ(odd_words(a), c[3], k1);
  c[3] = a;
}

/// What is counted: a counter for each word of 64 bits, whose upper half is idle.
struct counters {
  words even[4], odd[4];
};

/// Some of the ten rounds of Philox4x32-10.
FOKKER_SIMD void rounds(counters& c, std::uint64_t key, std::uint32_t from, std::uint32_t to) {
  FOKKER_UNROLL for (std::uint32_t round = from; round < to; ++round) {
    const words k0 = all(static_cast<std::uint32_t>(key) + round * 0x9e3779b9u);
    const words k1 = all(static_cast<std::uint32_t>(key >> 32) + round * 0xbb67ae85u);
    philox_round(c.even, k0, k1);
    philox_round(c.odd, k0, k1);
  }
}

/// The last round, and its words side by side.
FOKKER_SIMD void last_round(const counters& c, std::uint64_t key, words* w) {
  const words even[2] = {low_products(all(0xcd9e8d57u), c.even[2]), low_products(all(0xd2511f53u), c.even[0])};
  const words odd[2] = {low_products(all(0xcd9e8d57u), c.odd[2]), low_products(all(0xd2511f53u), c.odd[0])};
  w[0] = differ(odd_words(even[0], odd[0]), even_words(c.even[1], c.odd[1]),
                all(static_cast<std::uint32_t>(key) + 9 * 0x9e3779b9u));
  w[1] = even_words(even[0], odd[0]);
  w[2] = differ(odd_words(even[1], odd[1]), even_words(c.even[3], c.odd[3]),
                all(static_cast<std::uint32_t>(key >> 32) + 9 * 0xbb67ae85u));
  w[3] = even_words(even[1], odd[1]);
}

FOKKER_SIMD floats radius(words a) {
  const floats u = fma(from_signed(right<1>(a)), all(0x1p-31f), all(0x1p-32f));
  const words e = both(sub(bits(u), all(0x3f2aaaabu)), all(0xff800000u));
  const floats m = minus(from_bits(sub(bits(u), e)), all(1.0f));
  floats q = all(-0x1.32f18ap-2f);
  q = fma(q, m, all(0x1.3a24e6p-2f));
  q = fma(q, m, all(-0x1.19df3ap-2f));
  q = fma(q, m, all(0x1.507eap-2f));
  q = fma(q, m, all(-0x1.9a319cp-2f));
  q = fma(q, m, all(0x1.001108p-1f));
  q = fma(q, m, all(-0x1.5553dep-1f));
  q = fma(q, m, all(0x1.ffffeep-1f));
  return root(fma(from_signed(e), all(-0x1.62e43p-23f), fma(mul(m, m), q, mul(m, all(-2.0f)))));
}

FOKKER_SIMD void box_muller(words a, words b, floats& z0, floats& z1) {
  const floats v = mul(from_signed(left<2>(b)), all(0x1p-31f)), t = mul(v, v);
  floats p = all(-0x1.2da156p-15f);
  p = fma(p, t, all(0x1.465eeap-9f));
  p = fma(p, t, all(-0x1.4abbbap-4f));
  p = fma(p, t, all(-0x1.a32b8ap-26f));
  const floats sine = fma(v, all(0x1.921fb6p-1f), mul(v, p));
  floats cosine = all(0x1.d4f7eep-19f);
  cosine = fma(cosine, t, all(-0x1.55b2b6p-12f));
  cosine = fma(cosine, t, all(0x1.03c1bp-6f));
  cosine = fma(cosine, t, all(-0x1.3bd3ccp-2f));
  cosine = fma(cosine, t, all(1.0f));
  // The sign that turns the point round goes to the radius: products of signs are exact.
  const floats r = from_bits(differ(bits(radius(a)), both(b, all(0x80000000u))));
  z0 = mul(r, choose(cosine, sine, left<1>(b)));
  z1 = mul(r, choose(sine, cosine, left<1>(b)));
}

/// Normals of groups of four lanes, transposed: lane 4 l + j of z has those of block j * (lanes / 4) + l.
FOKKER_SIMD void store_blocks(const floats* z, float* to) {
  const floats a = first_pairs(z[0], z[1]), b = last_pairs(z[0], z[1]);
  const floats c = first_pairs(z[2], z[3]), d = last_pairs(z[2], z[3]);
  store(to, first_halves(a, c));
  store(to + lanes, last_halves(a, c));
  store(to + 2 * lanes, first_halves(b, d));
  store(to + 3 * lanes, last_halves(b, d));
}

/// 4 * lanes consecutive normals of the words w, which become those of the counters that are next: each of the two has
/// to wait for its own results, and does not wait for the other's.
FOKKER_SIMD void four_vectors(words* w, counters next, std::uint64_t key, float* to) {
  floats z[4];
  rounds(next, key, 0, 3);
  box_muller(w[0], w[1], z[0], z[1]);
  rounds(next, key, 3, 6);
  box_muller(w[2], w[3], z[2], z[3]);
  rounds(next, key, 6, 9);
  last_round(next, key, w);
  store_blocks(z, to);
}
FOKKER_SIMD void first_words(counters c, std::uint64_t key, words* w) {
  rounds(c, key, 0, 9);
  last_round(c, key, w);
}
FOKKER_SIMD void last_vectors(const words* w, float* to) {
  floats z[4];
  box_muller(w[0], w[1], z[0], z[1]);
  box_muller(w[2], w[3], z[2], z[3]);
  store_blocks(z, to);
}

/// What even words count, in the order of store_blocks; odd words count lanes / 2 more.
FOKKER_SIMD words places() {
  alignas(64) std::uint32_t order[lanes];
  for (std::uint32_t i = 0; i < lanes; ++i) order[i] = i % 4 / 2 * static_cast<std::uint32_t>(lanes / 4) + i / 4;
  return load(order);
}
inline constexpr std::uint32_t odd_places = lanes / 2;

FOKKER_SIMD counters of_blocks(words place, std::size_t first, words sample, words id, words stream) {
  const auto even = static_cast<std::uint32_t>(first);
  return {{add(all(even), place), sample, id, stream}, {add(all(even + odd_places), place), sample, id, stream}};
}
FOKKER_SIMD counters of_samples(words place, std::size_t first, words id, words stream) {
  const auto even = static_cast<std::uint32_t>(first);
  return {{all(0u), add(all(even), place), id, stream}, {all(0u), add(all(even + odd_places), place), id, stream}};
}

/// Normals of `count` elements from block `first` of one sample; writes whole runs of 4 * lanes, so `to` has room for
/// them.
FOKKER_TARGET inline void normals(float* to, std::size_t count, std::uint32_t first, std::uint32_t sample,
                                  std::uint32_t id, std::uint32_t stream, std::uint64_t key) {
  if (count == 0) return;
  const words place = places();
  words w[4];
  first_words(of_blocks(place, first, all(sample), all(id), all(stream)), key, w);
  std::size_t i = 0;
  for (; i + 4 * lanes < count; i += 4 * lanes)
    four_vectors(w, of_blocks(place, first + i / 4 + lanes, all(sample), all(id), all(stream)), key, to + i);
  last_vectors(w, to + i);
}

/// The same for samples of `size` <= 4 elements each, one block a sample: 4 normals a sample, of which `size` are kept.
FOKKER_TARGET inline void normals_of_small(float* to, std::size_t samples, std::size_t size, std::uint32_t first_sample,
                                           std::uint32_t id, std::uint32_t stream, std::uint64_t key) {
  if (samples == 0) return;
  alignas(64) float run[4 * lanes];
  const words place = places();
  words w[4];
  first_words(of_samples(place, first_sample, all(id), all(stream)), key, w);
  for (std::size_t s = 0; s < samples; s += lanes) {
    if (s + lanes < samples)
      four_vectors(w, of_samples(place, first_sample + s + lanes, all(id), all(stream)), key, run);
    else
      last_vectors(w, run);
    const std::size_t here = samples - s < lanes ? samples - s : lanes;
    for (std::size_t k = 0; k < here; ++k)
      for (std::size_t e = 0; e < size; ++e) to[(s + k) * size + e] = run[4 * k + e];
  }
}

/// e^x as portable.hpp has it, and NaN of NaN.
FOKKER_SIMD floats exponential(floats x) {
  x = clamped(x, all(87.0f));
  const words n = nearest(mul(x, all(0x1.715476p+0f)));
  floats r = fma(from_signed(n), all(-0x1.62e43p-1f), x);
  r = fma(from_signed(n), all(0x1.05c61p-29f), r);
  floats p = all(1.0f / 5040);
  for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = fma(p, r, all(c));
  return from_bits(add(bits(p), left<23>(n)));
}

/// z times e^(slope v + offset), of `count` elements.
template <class V>
FOKKER_TARGET void learned(float* z, const V* v, std::size_t count, float slope, float offset) {
  if constexpr (std::is_same_v<V, double>) {
    portable::learned(z, v, count, slope, offset);
  } else {
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
      store(z + i, mul(load(z + i), exponential(fma(all(slope), read(v + i, float{}), all(offset)))));
    V rest[lanes] = {};
    float normals[lanes] = {};
    std::copy_n(v + i, count - i, rest);
    std::copy_n(z + i, count - i, normals);
    store(normals, mul(load(normals), exponential(fma(all(slope), read(rest, float{}), all(offset)))));
    std::copy_n(normals, count - i, z + i);
  }
}

template <class C>
struct vector_of {
  using type = floats;
  static constexpr std::size_t width = lanes;
};
template <>
struct vector_of<double> {
  using type = doubles;
  static constexpr std::size_t width = lanes / 2;
};
template <class C>
using vector = typename vector_of<C>::type;

inline constexpr std::size_t block = 4;  // vectors that go through the chains side by side

/// How many bytes ahead of a block memory is asked for: several streams at once outrun what the processor fetches by
/// itself, fewer outrun more, and so does what only reads.
inline constexpr std::size_t ahead_of_two = 4096, ahead_of_many = 2048, ahead_of_sums = 8192;
template <std::size_t Width, class E>
FOKKER_SIMD void fetch_ahead(const E* p, std::size_t bytes) {
  const char* ahead = reinterpret_cast<const char*>(p) + bytes;  // may lie behind the end: it is not read
  FOKKER_UNROLL for (std::size_t byte = 0; byte < Width * sizeof(E); byte += 64) __builtin_prefetch(ahead + byte);
}

/// An operand of a row, a block of it from element i on. No lambda, as nvcc would drop its target.
template <bool Tabled, std::size_t Block, class C, class E, class Network, class Row>
FOKKER_SIMD void add(part of, C weight, C by, const run<E, Network, Row>& at, std::size_t i,
                     const vector<C> (&x)[Block], vector<C> (&sum)[Block]) {
  if (of == part::none) return;
  const vector<C> fixed = all(weight);
  if (Tabled && of >= part::tabled) {
    const auto* t = at.tables[static_cast<int>(of)] + i;
    fetch_ahead<Block * vector_of<C>::width>(t, ahead_of_many);
    const vector<C> scale = all(by);
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] =
        fma(fma(scale, read(t + b * vector_of<C>::width, C{}), fixed), x[b], sum[b]);
  } else {
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] = fma(fixed, x[b], sum[b]);
  }
}

/// What a row begins with.
template <bool Tabled, std::size_t Block, class C, class E, class Network, class Row>
FOKKER_SIMD void begin_row(const chain<C>& c, int o, const run<E, Network, Row>& at, std::size_t i,
                           vector<C> (&sum)[Block]) {
  FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] = all(c.begin[o]);
  if (Tabled && c.one[o] >= part::tabled) {
    const auto* t = at.tables[static_cast<int>(c.one[o])] + i;
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] =
        fma(all(c.by_one[o]), read(t + b * vector_of<C>::width, C{}), sum[b]);
  }
}

/// `Rows` results of a block from element i on. A chain of fma from -0, whose first is a product; a row without
/// terms is +0.
template <int Rows, bool Tabled = false, std::size_t Block, class C, class E, class Network, class Row>
FOKKER_SIMD void form_block(const chain<C>& c, const run<E, Network, Row>& at, std::size_t i, std::size_t ahead,
                            vector<C> (&sum)[std::size_t{Rows}][Block]) {
  constexpr std::size_t w = vector_of<C>::width;
  FOKKER_UNROLL for (int o = 0; o < Rows; ++o) begin_row<Tabled>(c, o, at, i, sum[o]);
  for (int k = 0; k < c.inputs; ++k) {
    vector<C> x[Block];
    if (std::is_same_v<E, Network> || at.inputs[k] != nullptr) {
      fetch_ahead<Block * w>(at.inputs[k] + i, ahead);
      FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) x[b] = read(at.inputs[k] + i + b * w, C{});
    } else {
      fetch_ahead<Block * w>(at.outputs[k] + i, ahead);
      FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) x[b] = read(at.outputs[k] + i + b * w, C{});
    }
    FOKKER_UNROLL for (int o = 0; o < Rows; ++o)
        add<Tabled>(c.input[k][o], c.of_input[k][o], c.by_input[k][o], at, i, x, sum[o]);
  }
  FOKKER_UNROLL for (int o = 0; o < Rows; ++o) {
    FOKKER_UNROLL for (int j = 0; j < o; ++j)
        add<Tabled>(c.row[j][o], c.of_row[j][o], c.by_row[j][o], at, i, sum[j], sum[o]);
    for (int q = 0; q < c.normals; ++q) {
      if (c.normal[q][o] == part::none) continue;
      vector<C> z[Block];
      FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) z[b] = read(at.normals[q] + i + b * w, C{});
      add<Tabled>(c.normal[q][o], c.of_normal[q][o], c.by_normal[q][o], at, i, z, sum[o]);
    }
    if (c.bounded[o])
      FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[o][b] = clamped(sum[o][b], all(c.bound[o]));
  }
}

/// All loads come before all stores, so that results may lie on operands.
template <int Rows, bool Tabled, class C, class E, class Network, class Row>
FOKKER_SIMD void block_of_rows(const chain<C>& c, const run<E, Network, Row>& at, std::size_t i, std::size_t ahead) {
  constexpr std::size_t w = vector_of<C>::width;
  vector<C> sum[std::size_t{Rows}][block];
  form_block<Rows, Tabled>(c, at, i, ahead, sum);
  FOKKER_UNROLL for (int o = 0; o < Rows; ++o) {
    if (Row* const to = at.rows[o])
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) write(to + i + b * w, sum[o][b]);
    if (Network* const to = at.copy; to != nullptr && at.copied == o)
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) write(to + i + b * w, sum[o][b]);
  }
}

/// The same for any number of rows.
template <class C, class E, class Network, class Row>
FOKKER_SIMD void block_of_all_rows(const chain<C>& c, const run<E, Network, Row>& at, std::size_t i,
                                   std::size_t ahead) {
  constexpr std::size_t w = vector_of<C>::width;
  vector<C> sum[plan::max_rows][block], x[block];
  for (int o = 0; o < c.rows; ++o) begin_row<true>(c, o, at, i, sum[o]);
  for (int k = 0; k < c.inputs; ++k) {
    if (std::is_same_v<E, Network> || at.inputs[k] != nullptr) {
      fetch_ahead<block * w>(at.inputs[k] + i, ahead);
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) x[b] = read(at.inputs[k] + i + b * w, C{});
    } else {
      fetch_ahead<block * w>(at.outputs[k] + i, ahead);
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) x[b] = read(at.outputs[k] + i + b * w, C{});
    }
    for (int o = 0; o < c.rows; ++o) add<true>(c.input[k][o], c.of_input[k][o], c.by_input[k][o], at, i, x, sum[o]);
  }
  for (int o = 0; o < c.rows; ++o) {
    for (int j = 0; j < o; ++j) add<true>(c.row[j][o], c.of_row[j][o], c.by_row[j][o], at, i, sum[j], sum[o]);
    for (int q = 0; q < c.normals; ++q) {
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) x[b] = read(at.normals[q] + i + b * w, C{});
      add<true>(c.normal[q][o], c.of_normal[q][o], c.by_normal[q][o], at, i, x, sum[o]);
    }
    if (c.bounded[o])
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) sum[o][b] = clamped(sum[o][b], all(c.bound[o]));
  }
  for (int o = 0; o < c.rows; ++o) {
    if (Row* const to = at.rows[o])
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) write(to + i + b * w, sum[o][b]);
    if (Network* const to = at.copy; to != nullptr && at.copied == o)
      FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) write(to + i + b * w, sum[o][b]);
  }
}

/// The results of whole blocks.
template <int Rows, bool Tabled = false, class C, class E, class Network, class Row>
FOKKER_TARGET void blocks_of_rows(const chain<C>& c, const run<E, Network, Row>& at, std::size_t count) {
  const bool in_place = Rows == 1 && static_cast<const void*>(at.inputs[0]) == at.rows[0];
  const std::size_t ahead = in_place && c.inputs <= 2 ? ahead_of_two : ahead_of_many;
  for (std::size_t i = 0; i < count; i += block * vector_of<C>::width)
    if constexpr (Rows == 0)
      block_of_all_rows(c, at, i, ahead);
    else
      block_of_rows<Rows, Tabled>(c, at, i, ahead);
}
template <class C, class E, class Network, class Row>
FOKKER_TARGET void blocks_of(const chain<C>& c, const run<E, Network, Row>& at, std::size_t count) {
  if constexpr (!std::is_same_v<Row, E>)  // what measures form: compiled once for all numbers of rows
    return blocks_of_rows<0>(c, at, count);
  else if (c.tabled())
    return c.rows == 1 ? blocks_of_rows<1, true>(c, at, count) : blocks_of_rows<0>(c, at, count);
  else
    switch (c.rows) {
      case 1:
        return blocks_of_rows<1>(c, at, count);
      case 2:
        return blocks_of_rows<2>(c, at, count);
      case 3:
        return blocks_of_rows<3>(c, at, count);
      default:
        return blocks_of_rows<0>(c, at, count);
    }
}

/// A copy of `count` elements, and 0 behind them.
template <class E, std::size_t Stride>
[[nodiscard]] inline const E* padded_of(const E* from, std::size_t count, E (&to)[Stride]) {
  std::fill(std::copy_n(from, count, to), to + Stride, E{});
  return to;
}

/// The results of `count` elements; the last ones go through padded copies and the same arithmetic. Results may lie on
/// operands.
template <class C, class E, class Network, class Row>
FOKKER_TARGET void rows_of(const chain<C>& c, const run<E, Network, Row>& at, std::size_t count) {
  constexpr std::size_t stride = block * vector_of<C>::width;
  const std::size_t rest = count % stride, i = count - rest;
  blocks_of(c, at, i);
  if (rest == 0) return;
  E inputs[plan::max_inputs][stride];
  Network outputs[plan::max_inputs][stride], copy[stride];
  float normals[plan::max_normals][stride];
  computed<E, Network> tables[plan::max_tables][stride];
  Row rows[plan::max_rows][stride];
  run<E, Network, Row> padded{};
  for (int k = 0; k < c.inputs; ++k) {
    if (at.inputs[k] != nullptr)
      padded.inputs[k] = padded_of(at.inputs[k] + i, rest, inputs[k]);
    else
      padded.outputs[k] = padded_of(at.outputs[k] + i, rest, outputs[k]);
  }
  for (int q = 0; q < c.normals; ++q) padded.normals[q] = padded_of(at.normals[q] + i, rest, normals[q]);
  for (int t = 0; t < plan::max_tables; ++t)
    if (c.uses[t]) padded.tables[t] = padded_of(at.tables[t] + i, rest, tables[t]);
  for (int o = 0; o < c.rows; ++o) padded.rows[o] = rows[o];
  if (at.copy != nullptr) {
    padded.copy = copy;
    padded.copied = at.copied;
  }
  blocks_of(c, padded, stride);
  for (int o = 0; o < c.rows; ++o)
    if (at.rows[o] != nullptr) std::copy_n(rows[o], rest, at.rows[o] + i);
  if (at.copy != nullptr) std::copy_n(copy, rest, at.copy + i);
}

FOKKER_SIMD doubles add_to(const reduction::dot&, doubles lane, doubles a, doubles b) { return fma(a, b, lane); }
FOKKER_SIMD doubles add_to(const reduction::sum&, doubles lane, doubles a, doubles) { return plus(lane, a); }
FOKKER_SIMD doubles add_to(const reduction::squares_about& about, doubles lane, doubles a, doubles) {
  const doubles distance = minus(a, all(about.centre));
  return fma(distance, distance, lane);
}
FOKKER_SIMD doubles add_to(const reduction::largest&, doubles lane, doubles a, doubles) {
  return larger(lane, magnitude(a));
}

template <bool Largest>
FOKKER_SIMD doubles join(doubles a, doubles b) {
  return Largest ? larger(a, b) : plus(a, b);
}
/// reduction::tree of values of so many vectors, until one vector is left, and of its own values.
template <std::size_t Vectors, bool Largest>
FOKKER_SIMD doubles joined(const double* values) {
  if constexpr (Vectors == 1) {
    return read(values, double{});
  } else {
    const doubles a = joined<Vectors / 2, Largest>(values),
                  b = joined<Vectors / 2, Largest>(values + Vectors / 2 * (lanes / 2));
    return join<Largest>(even_ones(a, b), odd_ones(a, b));
  }
}
template <bool Largest = false>
FOKKER_TARGET double tree(const double* values) {
  constexpr int levels = std::countr_zero(lanes / 2);
  doubles one = joined<reduction::lanes / (lanes / 2), Largest>(values);
  FOKKER_UNROLL for (int level = 0; level < levels; ++level) one =
      join<Largest>(even_ones(one, one), odd_ones(one, one));
  return first_of(one);
}

/// What `count` elements add up to, at most a chunk. Elements that would be left over go through the portable code.
template <class Op, class A, class B>
FOKKER_TARGET double fold(const Op& op, const A* a, const B* b, std::size_t count) {
  constexpr std::size_t w = lanes / 2, vectors = reduction::lanes / w;
  doubles lane[vectors];
  FOKKER_UNROLL for (doubles& l : lane) l = all(0.0);
  std::size_t i = 0;
  for (; i + reduction::lanes <= count; i += reduction::lanes) {
    FOKKER_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const doubles x = read(a + i + v * w, double{});
      if constexpr (Op::pairs)
        lane[v] = add_to(op, lane[v], x, read(b + i + v * w, double{}));
      else
        lane[v] = add_to(op, lane[v], x, x);
    }
  }
  alignas(64) double to[reduction::lanes];
  FOKKER_UNROLL for (std::size_t v = 0; v < vectors; ++v) write(to + v * w, lane[v]);
  for (std::size_t l = 0; i < count; ++i, ++l)
    to[l] = portable::add_to(op, to[l], static_cast<double>(a[i]), Op::pairs ? static_cast<double>(b[i]) : 0.0);
  return tree<std::is_same_v<Op, reduction::largest>>(to);
}

template <std::size_t Block, class E, class Network>
FOKKER_SIMD void read_input(const run<E, Network, double>& at, int k, std::size_t i, std::size_t ahead,
                            doubles (&x)[Block]) {
  constexpr std::size_t w = lanes / 2;
  if (std::is_same_v<E, Network> || at.inputs[k] != nullptr) {
    fetch_ahead<Block * w>(at.inputs[k] + i, ahead);
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) x[b] = read(at.inputs[k] + i + b * w, double{});
  } else {
    fetch_ahead<Block * w>(at.outputs[k] + i, ahead);
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) x[b] = read(at.outputs[k] + i + b * w, double{});
  }
}
/// A row that is known, as form_block has it; a product by 1 is left out.
template <unsigned Row, std::size_t Block>
FOKKER_SIMD void form_row(const chain<double>& c, int o, const doubles (&x)[known::inputs][Block],
                          doubles (&sum)[Block]) {
  constexpr int first = std::countr_zero(Row);
  constexpr unsigned leads = known::leads;
  static_assert((Row & leads) != 0 || !std::has_single_bit(Row), "a product that is summed must be rounded first");
  const doubles weight = all(c.of_input[first][o]);
  FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] =
      (Row & leads) != 0 ? x[first][b] : mul(weight, x[first][b]);
  FOKKER_UNROLL for (int k = first + 1; k < known::inputs; ++k) {
    if ((Row >> k & 1) == 0) continue;
    const doubles next = all(c.of_input[k][o]);
    FOKKER_UNROLL for (std::size_t b = 0; b < Block; ++b) sum[b] = fma(next, x[k][b], sum[b]);
  }
}

/// The rows of a form that is known, this one and those after it.
template <known::form Form, int Row, int Rows, std::size_t Block>
FOKKER_SIMD void form_rows(const chain<double>& c, const doubles (&x)[known::inputs][Block],
                           doubles (&row)[std::size_t{Rows}][Block]) {
  form_row<known::row(Form, Row)>(c, Row, x, row[Row]);
  if constexpr (Row + 1 < Rows) form_rows<Form, Row + 1, Rows>(c, x, row);
}
/// The rows of a form that is known, or of any.
template <int Rows, known::form Form, std::size_t Block, class E, class Network>
FOKKER_SIMD void form_known(const chain<double>& c, const run<E, Network, double>& at, std::size_t i, std::size_t ahead,
                            doubles (&row)[std::size_t{Rows}][Block]) {
  if constexpr (Form == 0) {
    form_block<Rows>(c, at, i, ahead, row);
  } else {
    constexpr unsigned used = known::row(Form, 0) | known::row(Form, 1) | known::row(Form, 2) | known::row(Form, 3);
    doubles x[known::inputs][Block];
    FOKKER_UNROLL for (int k = 0; k < known::inputs; ++k) {
      if ((used >> k & 1) != 0) read_input(at, k, i, ahead, x[k]);
    }
    form_rows<Form, 0, Rows>(c, x, row);
  }
}

/// The lanes of sums and dots of rows that stay in registers, of whole runs of elements from `begin` on: as many lanes
/// at once as there are registers for.
template <int Rows, known::form Form, class E, class Network>
FOKKER_SIMD void lanes_of_rows(const chain<double>& c, const run<E, Network, double>& at, unsigned wanted,
                               std::size_t begin, std::size_t end, double (*to)[reduction::lanes]) {
  constexpr std::size_t w = lanes / 2, vectors = lanes / 4;
  constexpr int sums = Rows * (Rows + 3) / 2;
  for (std::size_t first = 0; first < reduction::lanes; first += vectors * w) {
    doubles lane[std::size_t{sums}][vectors];
    FOKKER_UNROLL for (int s = 0; s < sums; ++s) FOKKER_UNROLL for (doubles& l : lane[s]) l = all(0.0);
    for (std::size_t i = begin + first; i < end; i += reduction::lanes) {
      doubles row[std::size_t{Rows}][vectors];
      form_known<Rows, Form>(c, at, i, ahead_of_sums, row);
      FOKKER_UNROLL for (int o = 0; o < Rows; ++o) {
        if ((wanted >> o & 1) != 0)
          FOKKER_UNROLL for (std::size_t v = 0; v < vectors; ++v) lane[o][v] = plus(lane[o][v], row[o][v]);
        FOKKER_UNROLL for (int j = 0; j <= o; ++j) {
          const int s = Rows + o * (o + 1) / 2 + j;
          if ((wanted >> s & 1) != 0)
            FOKKER_UNROLL for (std::size_t v = 0; v < vectors; ++v) lane[s][v] = fma(row[o][v], row[j][v], lane[s][v]);
        }
      }
    }
    FOKKER_UNROLL for (int s = 0; s < sums; ++s) {
      if ((wanted >> s & 1) != 0)
        FOKKER_UNROLL for (std::size_t v = 0; v < vectors; ++v) write(to[s] + first + v * w, lane[s][v]);
    }
  }
}

/// What fewer elements than there are lanes add to these, the portable way.
template <class E, class Network>
FOKKER_TARGET void add_rest(const chain<double>& c, const run<E, Network, double>& at, unsigned wanted,
                            std::size_t first, std::size_t rest, double (*to)[reduction::lanes]) {
  double rows[reduction::fused_rows][reduction::lanes];
  run<E, Network, double> last = moved(c, at, first);
  for (int o = 0; o < c.rows; ++o) last.rows[o] = rows[o];
  rows_of(c, last, rest);
  for (int o = 0; o < c.rows; ++o)
    for (std::size_t l = 0; l < rest; ++l) {
      if ((wanted >> o & 1) != 0) to[o][l] = portable::add_to(reduction::sum{}, to[o][l], rows[o][l], 0);
      for (int j = 0; j <= o; ++j)
        if (const int s = reduction::fused_dot(c.rows, o, j); (wanted >> s & 1) != 0)
          to[s][l] = portable::add_to(reduction::dot{}, to[s][l], rows[o][l], rows[j][l]);
    }
}

/// The sums of piece after piece.
template <int Rows, known::form Form = 0, class E, class Network>
FOKKER_TARGET void sums_of_pieces(const chain<double>& c, const run<E, Network, double>& at, unsigned asked,
                                  std::size_t count, std::size_t piece, double (*to)[reduction::fused_sums]) {
  const unsigned wanted = Form == 0 ? asked : known::sums(Form);
  for (std::size_t begin = 0; begin < count; begin += piece, ++to) {
    const std::size_t here = (std::min)(piece, count - begin), rest = here % reduction::lanes;
    alignas(64) double lane[std::size_t{Rows * (Rows + 3) / 2}][reduction::lanes];
    lanes_of_rows<Rows, Form>(c, at, wanted, begin, begin + here - rest, lane);
    if (rest > 0) add_rest(c, at, wanted, begin + here - rest, rest, lane);
    for (int s = 0; s < Rows * (Rows + 3) / 2; ++s) {
      if ((wanted >> s & 1) != 0) (*to)[s] = tree(lane[s]);
    }
  }
}
template <known::form... Forms, class E, class Network>
FOKKER_TARGET bool sums_of_known(known::list<Forms...>, const chain<double>& c, const run<E, Network, double>& at,
                                 unsigned wanted, std::size_t count, std::size_t piece,
                                 double (*to)[reduction::fused_sums]) {
  const known::form form = known::form_of(c, wanted);
  return (... || (form == Forms && (sums_of_pieces<known::rows(Forms), Forms>(c, at, wanted, count, piece, to), true)));
}

/// Sums and dots of rows, those that `wanted` asks for, as portable.hpp has them. Rows of a form that is known, or
/// reduction::any_rows.
template <class E, class Network>
FOKKER_TARGET void sums_of_rows(const chain<double>& c, const run<E, Network, double>& at, unsigned wanted,
                                std::size_t count, std::size_t piece, double (*to)[reduction::fused_sums]) {
  if (c.rows == 1)
    sums_of_pieces<1>(c, at, wanted, count, piece, to);
  else if (!sums_of_known(known::forms{}, c, at, wanted, count, piece, to))
    sums_of_pieces<2>(c, at, wanted, count, piece, to);
}

/// The sums and dots that have a place of `count` groups side by side, reduction::abreast or more: member j of group g
/// is element j * stride + g. Some groups are found twice where the last ones are no whole block.
template <int Rows, known::form Form = 0, class E, class Network>
FOKKER_TARGET void sums_abreast(const chain<double>& c, const run<E, Network, double>& at, std::size_t members,
                                std::size_t stride, std::size_t count, double* const* to) {
  constexpr std::size_t w = lanes / 2, groups = block * w;
  constexpr int sums = Rows * (Rows + 3) / 2, levels = std::bit_width(reduction::lanes);
  static_assert(groups <= reduction::abreast);
  const std::size_t used = (std::min)(members, reduction::lanes);
  alignas(64) double lane[std::size_t{sums}][groups],
      waiting[std::size_t{levels}][std::size_t{sums}][groups];  // as those of reduction::pairs
  for (std::size_t g = 0; g < count; g += groups) {
    g = (std::min)(g, count - groups);
    for (std::size_t l = 0; l < used; ++l) {
      // A lane joins those that wait for it, the last one all that wait.
      const bool last = l + 1 == used;
      const std::size_t joins = last ? l : l & ~(l + 1);
      for (std::size_t j = l; j < members; j += reduction::lanes) {
        doubles row[std::size_t{Rows}][block];
        form_known<Rows, Form>(c, at, j * stride + g, 1024, row);
        const bool whole = j + reduction::lanes >= members;
        FOKKER_UNROLL for (int o = 0; o < Rows; ++o) FOKKER_UNROLL for (int p = -1; p <= o; ++p) {
          const int s = p < 0 ? o : Rows + o * (o + 1) / 2 + p;
          if (Form == 0 ? to[s] == nullptr : (known::sums(Form) >> s & 1) == 0) continue;
          double* there = !whole ? lane[s] : last ? to[s] + g : waiting[std::countr_one(l)][s];
          FOKKER_UNROLL for (std::size_t b = 0; b < block; ++b) {
            const doubles before = j == l ? all(0.0) : read(lane[s] + b * w, double{});
            doubles sum = p < 0 ? plus(before, row[o][b]) : fma(row[o][b], row[p < 0 ? 0 : p][b], before);
            if (whole)
              for (std::size_t left = joins; left != 0; left &= left - 1)
                sum = plus(read(waiting[std::countr_zero(left)][s] + b * w, double{}), sum);
            write(there + b * w, sum);
          }
        }
      }
    }
  }
}
template <class E, class Network>
FOKKER_TARGET void sums_abreast(const chain<double>& c, const run<E, Network, double>& at, std::size_t members,
                                std::size_t stride, std::size_t count, double* const* to) {
  constexpr known::form lengths = known::make(known::lengths, known::input0, 0b11);
  unsigned wanted = 0;
  for (int s = 0; s < reduction::sums_of_any; ++s)
    if (to[s] != nullptr) wanted |= 1u << s;
  if (c.rows == 1)
    sums_abreast<1>(c, at, members, stride, count, to);
  else if (known::form_of(c, wanted) == lengths)
    sums_abreast<2, lengths>(c, at, members, stride, count, to);
  else
    sums_abreast<2>(c, at, members, stride, count, to);
}

/// Sums that lie side by side, as portable.hpp has them.
FOKKER_TARGET inline void accumulate(double* sums, const double* a, const double* b, std::size_t count) {
  constexpr std::size_t w = lanes / 2;
  std::size_t i = 0;
  for (; i + w <= count; i += w) {
    const doubles sum = read(sums + i, double{}), x = read(a + i, double{});
    write(sums + i, b == nullptr ? plus(sum, x) : fma(x, read(b + i, double{}), sum));
  }
  portable::accumulate(sums + i, a + i, b == nullptr ? b : b + i, count - i);
}

FOKKER_TARGET inline void join_pairs(double* values, std::size_t count) {
  constexpr std::size_t w = lanes / 2;
  std::size_t i = 0;
  for (; 2 * (i + w) <= count; i += w) {
    const doubles a = read(values + 2 * i, double{}), b = read(values + 2 * i + w, double{});
    write(values + i, plus(even_ones(a, b), odd_ones(a, b)));
  }
  for (; 2 * i < count; ++i) values[i] = values[2 * i] + values[2 * i + 1];
}

/// What tape.hpp says of a quotient, a root and a choice, which compilers leave one by one.
FOKKER_SIMD doubles quotient(doubles a, doubles b, doubles c) {
  const doubles of = divided(a, b);
  return if_zero(b, if_nan(a, of, c), of);
}
FOKKER_SIMD doubles root_from_0(doubles a) { return less(a, all(0.0), all(0.0), root(a)); }
FOKKER_SIMD doubles chosen(doubles a, doubles b, doubles c, doubles d) {
  return if_nan(a, a, if_nan(b, b, less(a, b, c, d)));
}

/// The arithmetic of a tape on a block of numbers; the rest in the language alone: compilers know the target.
template <std::size_t Width>
FOKKER_TARGET void arithmetic(const plan::operation* list, std::size_t operations, tape::row<Width>* numbers) {
  for (std::size_t o = 0; o < operations; ++o) {
    const plan::operation& what = list[o];
    const double* of[4] = {numbers[0], numbers[0], numbers[0], numbers[0]};
    if (what.a >= 0) of[0] = numbers[what.a];
    if (what.b >= 0) of[1] = numbers[what.b];
    if (what.c >= 0) of[2] = numbers[what.c];
    if (what.d >= 0) of[3] = numbers[what.d];
    if (what.what == plan::operation::least) of[2] = of[0], of[3] = of[1];
    if (what.what == plan::operation::largest) of[2] = of[1], of[3] = of[0];
    const double *a = of[0], *b = of[1], *c = of[2], *d = of[3];  // a vector that is written may be any memory
    double* to = numbers[o];
    switch (what.what) {
      case plan::operation::quotient:
        for (std::size_t i = 0; i < Width; i += lanes / 2)
          write(to + i, quotient(read(a + i, double{}), read(b + i, double{}), read(c + i, double{})));
        break;
      case plan::operation::root:
        for (std::size_t i = 0; i < Width; i += lanes / 2) write(to + i, root_from_0(read(a + i, double{})));
        break;
      case plan::operation::least:
      case plan::operation::largest:
      case plan::operation::choose:
        for (std::size_t i = 0; i < Width; i += lanes / 2)
          write(to + i,
                chosen(read(a + i, double{}), read(b + i, double{}), read(c + i, double{}), read(d + i, double{})));
        break;
      default:
        tape::arithmetic(what, o, numbers);
    }
  }
}

/// What `count` errors are of their tolerance; what would be left over goes through the portable code.
template <class E>
FOKKER_TARGET void scale_errors(const tolerance& within, const E* error, const E* from, const E* to, std::size_t count,
                                double* scaled) {
  constexpr std::size_t w = lanes / 2;
  std::size_t i = 0;
  for (; i + w <= count; i += w) {
    const doubles size = larger(magnitude(read(from + i, double{})), magnitude(read(to + i, double{})));
    write(scaled + i, divided(read(error + i, double{}), fma(all(within.relative), size, all(within.absolute))));
  }
  portable::scale_errors(within, error + i, from + i, to + i, count - i, scaled + i);
}
