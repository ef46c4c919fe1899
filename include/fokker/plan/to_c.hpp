// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0::plan {

/// How a plan is written in C: what every name begins with, and whether x is of double; of float otherwise.
struct c_options {
  std::string_view name = "plan";
  bool in_double = false;
};

namespace in_c {

// In what follows @ is the name of the plan. A product that an addition could meet is an fma with -0, as in C++.

/// What the file's user sees.
inline constexpr std::string_view declarations = R"(
/* Where the network is called: x = alpha data + sigma noise. The label is what the network is told. */
struct @_level {
  double time, alpha, sigma, label;
};

struct @_run {
  size_t samples, size;  /* x is `samples` times `size` numbers, a sample behind the other */
  @_number *x;           /* the result */
  @_number *memory;      /* of @_tensors tensors as large as x */
  const @_number *given[@_givens + 1];  /* tensors as large as x, in the order of their names above */
  struct @_plane {
    const @_number *values;         /* element e of sample s has values[s * stride + e / repeat % count] */
    size_t repeat, count, stride;
  } plane[@_planes + 1];            /* numbers that multiply tensors, likewise */
  /* Writes the prediction of a branch for all samples. Where the network is told two levels, x goes to at[1]. */
  void (*network)(void *user, int branch, const struct @_level *at, const @_number *input, @_number *output);
  void *user;
  uint64_t seed;          /* of the normals, */
  uint32_t first_sample;  /* with the number of the first sample among all that have this seed */
  /* Null, or what writes the normals of elements 4 block to 4 block + 3 of a sample, in the place of those of the seed. */
  void (*normals)(void *user, uint32_t sample, uint32_t block, uint32_t stream, uint32_t id, float z[4]);
~};

void @_sample_from(const struct @_run *run);  /* from the x that is there */
)";

inline constexpr std::string_view kept =
    "  double *kept;  /* memory for @_kept numbers a sample, which outlive their call */\n";

/// The types of the table.
inline constexpr std::string_view types = R"(
struct @_update {
  int inputs, normals, rows;
  struct {
    enum { @_buffer, @_output, @_given } where;
    int index;
  } input[@_inputs];
  struct {
    uint32_t stream, id;
    int learned;  /* the input v of its deviation e^(slope v + offset), or -1 */
    float slope, offset;
  } normal[@_normals];
  struct {
    int buffer;
    @_weighs bound;  /* below 0: none */
    struct @_weight {
      @_weighs fixed, by;  /* fixed + by times a number: what plane - 1 has, */
      int plane;           /* below 0 what is found, number -plane - 1; 0: none */
    } input[@_inputs], earlier[@_rows], normal[@_normals], one[1];
  } row[@_rows];
};

struct @_call {
  struct @_level at[@_levels];
  int input;
  uint32_t wanted;  /* branches, a bit each */
  int first, end;   /* measures before the update */
  struct @_update then;
};
)";

/// Numbers that are found of a sample before an update.
inline constexpr std::string_view type_of_measures = R"(
struct @_measure {
  struct @_update form;
  int finds, operations;
  struct {
    enum { @_dot, @_sum, @_quantile } what;
    int a, b;
    double q;
  } of[@_finds];
  struct {
    enum {
      @_constant, @_size, @_found, @_load, @_plus, @_minus, @_times, @_quotient, @_root, @_least, @_largest, @_choose,
      @_exp, @_log, @_keep, @_store, @_cosine, @_sine, @_arc_cosine
    } what;
    int a, b, c, d, index;
    double value;
  } tape[@_operations];
};
)";

/// Normals by counting: Philox (Salmon et al. 2011) and Box & Muller (1958).
inline constexpr std::string_view normals = R"(
union @_word {
  uint32_t bits;
  int32_t whole;
  float value;
};
static float @_float(uint32_t bits) {
  const union @_word w = {bits};
  return w.value;
}
static uint32_t @_bits(float value) {
  union @_word w;
  w.value = value;
  return w.bits;
}
static float @_signed(uint32_t bits) {
  const union @_word w = {bits};
  return (float)w.whole;
}

static void @_two_normals(uint32_t a, uint32_t b, float z[2]) {
  static const float log1p[8] = {-0x1.32f18ap-2f, 0x1.3a24e6p-2f, -0x1.19df3ap-2f, 0x1.507eap-2f,
                                 -0x1.9a319cp-2f, 0x1.001108p-1f, -0x1.5553dep-1f, 0x1.ffffeep-1f};
  const float u = fmaf((float)(int32_t)(a >> 1), 0x1p-31f, 0x1p-32f);
  const uint32_t bits = @_bits(u), e = (bits - 0x3f2aaaabu) & 0xff800000u;
  const float m = @_float(bits - e) - 1.0f;
  float q = log1p[0];
  for (int i = 1; i < 8; ++i) q = fmaf(q, m, log1p[i]);
  const float r = sqrtf(fmaf(@_signed(e), -0x1.62e43p-23f, fmaf(m * m, q, -2.0f * m)));

  const float v = @_signed(b << 2) * 0x1p-31f, t = v * v;
  float p = -0x1.2da156p-15f;
  p = fmaf(p, t, 0x1.465eeap-9f);
  p = fmaf(p, t, -0x1.4abbbap-4f);
  p = fmaf(p, t, -0x1.a32b8ap-26f);
  const float sine = fmaf(v, 0x1.921fb6p-1f, v * p);
  float cosine = 0x1.d4f7eep-19f;
  cosine = fmaf(cosine, t, -0x1.55b2b6p-12f);
  cosine = fmaf(cosine, t, 0x1.03c1bp-6f);
  cosine = fmaf(cosine, t, -0x1.3bd3ccp-2f);
  cosine = fmaf(cosine, t, 1.0f);
  const int mirror = (int)(b >> 30 & 1);
  const float x = mirror ? sine : cosine, y = mirror ? cosine : sine;
  z[0] = fmaf(r, b >> 31 ? -x : x, -0.0f);
  z[1] = fmaf(r, b >> 31 ? -y : y, -0.0f);
}

static void @_draw(const struct @_run *run, uint32_t sample, uint32_t block, uint32_t stream, uint32_t id, float z[4]) {
  if (run->normals != 0) {
    run->normals(run->user, sample, block, stream, id, z);
    return;
  }
  uint32_t w[4], low = (uint32_t)run->seed, high = (uint32_t)(run->seed >> 32);
  w[0] = block, w[1] = run->first_sample + sample, w[2] = id, w[3] = stream;
  for (int round = 0; round < 10; ++round, low += 0x9e3779b9u, high += 0xbb67ae85u) {
    const uint64_t p = (uint64_t)0xd2511f53u * w[0], q = (uint64_t)0xcd9e8d57u * w[2];
    w[0] = (uint32_t)(q >> 32) ^ w[1] ^ low;
    w[1] = (uint32_t)q;
    w[2] = (uint32_t)(p >> 32) ^ w[3] ^ high;
    w[3] = (uint32_t)p;
  }
  @_two_normals(w[0], w[1], z);
  @_two_normals(w[2], w[3], z + 2);
}

/* e^x, x taken to [-87, 87] */
static float @_exponential(float x) {
  static const float series[8] = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  if ((@_bits(x) & 0x7fffffffu) > 0x7f800000u) return x;
  x = x < -87.0f ? -87.0f : x > 87.0f ? 87.0f : x;
  const float n = nearbyintf(x * 0x1.715476p+0f);
  const float r = fmaf(n, 0x1.05c61p-29f, fmaf(n, -0x1.62e43p-1f, x));
  float p = series[0];
  for (int i = 1; i < 8; ++i) p = fmaf(p, r, series[i]);
  return @_float(@_bits(p) + ((uint32_t)(int32_t)n << 23));
}
)";

/// The rows of an update, where $ is nothing, or _double for those of a measure.
inline constexpr std::string_view rows = R"(
/* Adds an operand, if it has a weight. */
static void @_add$(const struct @_run *run, const struct @_weight *weight, const @_number *found, size_t sample,
                   size_t element, @_number$ operand, @_number$ *sum, int *terms) {
  @_number$ w = (@_number$)weight->fixed;
  if (weight->plane != 0) {
    const struct @_plane *p = weight->plane > 0 ? &run->plane[weight->plane - 1] : 0;
    const @_number t = p != 0 ? p->values[sample * p->stride + element / p->repeat % p->count] : found[-weight->plane - 1];
    w = @_fma$((@_number$)weight->by, t, w == 0 ? -(@_number$)0 : w);
  } else if (w == 0) {
    return;
  }
  *sum = @_fma$(w, operand, *sum);
  *terms += 1;
}

/* Each result is one chain of fma: the number 1, inputs, earlier results, normals. */
static void @_form$(const struct @_run *run, const struct @_update *u, const @_number *found, size_t sample,
                    size_t element, const float *z, @_number$ *row) {
  const @_number *input[@_inputs];
  @_number$ normal[@_normals] = {0};
  for (int k = 0; k < u->inputs; ++k) {
    const int i = u->input[k].index;
    input[k] = sample * run->size + element +
               (u->input[k].where == @_given ? run->given[i]
                                             : @_tensor(run, u->input[k].where == @_output ? @_buffers + i : i));
  }
  for (int q = 0; q < u->normals; ++q) {
    const int v = u->normal[q].learned;
    normal[q] = v < 0 ? z[4 * q]
                      : fmaf(z[4 * q], @_exponential(fmaf(u->normal[q].slope, (float)*input[v], u->normal[q].offset)), -0.0f);
  }
  for (int j = 0; j < u->rows; ++j) {
    @_number$ sum = -(@_number$)0;
    const @_number$ bound = (@_number$)u->row[j].bound;
    int terms = 0;
    @_add$(run, &u->row[j].one[0], found, sample, element, 1, &sum, &terms);
    for (int k = 0; k < u->inputs; ++k)
      if (u->row[j].input[k].fixed != 0 || u->row[j].input[k].plane != 0)
        @_add$(run, &u->row[j].input[k], found, sample, element, *input[k], &sum, &terms);
    for (int i = 0; i < j; ++i) @_add$(run, &u->row[j].earlier[i], found, sample, element, row[i], &sum, &terms);
    for (int q = 0; q < u->normals; ++q)
      @_add$(run, &u->row[j].normal[q], found, sample, element, normal[q], &sum, &terms);
    if (terms == 0) sum = 0;
    if (bound >= 0) sum = sum > bound ? bound : sum < -bound ? -bound : sum;
    row[j] = sum;
  }
}
)";

/// What needs the rows in the type of x alone. Results may lie where operands do.
inline constexpr std::string_view updates = R"(
static void @_draw_all(const struct @_run *run, const struct @_update *u, size_t sample, size_t element,
                       float z[@_normals][4]) {
  for (int q = 0; q < u->normals; ++q)
    @_draw(run, (uint32_t)sample, (uint32_t)(element / 4), u->normal[q].stream, u->normal[q].id, z[q]);
}

static void @_apply(const struct @_run *run, const struct @_update *u, const @_number *found, size_t sample) {
  float z[@_normals][4];
  @_number row[@_rows];
  for (size_t element = 0; element < run->size; ++element) {
    if (element % 4 == 0) @_draw_all(run, u, sample, element, z);
    @_form(run, u, found, sample, element, &z[0][element % 4], row);
    for (int j = 0; j < u->rows; ++j)
      if (u->row[j].buffer >= 0) @_tensor(run, u->row[j].buffer)[sample * run->size + element] = row[j];
  }
}
)";

/// Sums by a fixed tree, quantiles, and the arithmetic of what is found, all in double.
inline constexpr std::string_view measures = R"(
union @_wide {
  uint64_t bits;
  double value;
};
static double @_wide(uint64_t bits) {
  const union @_wide w = {bits};
  return w.value;
}
static uint64_t @_wide_bits(double value) {
  union @_wide w;
  w.value = value;
  return w.bits;
}
static int @_is_nan(double a) { return (@_wide_bits(a) & 0x7fffffffffffffffu) > 0x7ff0000000000000u; }

/* A sum that comes part by part: of 2^l parts one waits at [l] where that bit of their count is set. */
static void @_take(double *waiting, uint64_t count, double sum) {
  int l = 0;
  for (; count >> l & 1; ++l) sum = waiting[l] + sum;
  waiting[l] = sum;
}

static void @_sums(const struct @_run *run, const struct @_measure *m, size_t sample, double *results) {
  double waiting[@_finds][32], lane[@_finds][32];
  uint64_t chunks = 0;
  float z[@_normals][4];
  for (size_t begin = 0; begin < run->size; begin += 1024, ++chunks) {
    for (int i = 0; i < m->finds; ++i)
      for (int l = 0; l < 32; ++l) lane[i][l] = 0;
    for (size_t element = begin; element < run->size && element < begin + 1024; ++element) {
      double row[@_rows];
      if (element % 4 == 0) @_draw_all(run, &m->form, sample, element, z);
      @_form_double(run, &m->form, 0, sample, element, &z[0][element % 4], row);
      for (int i = 0; i < m->finds; ++i) {
        double *to = &lane[i][element % 32];
        if (m->of[i].what == @_sum) *to += row[m->of[i].a];
        if (m->of[i].what == @_dot) *to = fma(row[m->of[i].a], row[m->of[i].b], *to);
      }
    }
    for (int i = 0; i < m->finds; ++i) {
      for (int count = 16; count > 0; count /= 2)
        for (int l = 0; l < count; ++l) lane[i][l] = lane[i][2 * l] + lane[i][2 * l + 1];
      @_take(waiting[i], chunks, lane[i][0]);
    }
  }
  for (int i = 0; i < m->finds; ++i) {
    int first = 1;
    if (m->of[i].what == @_quantile) continue;
    results[i] = 0;
    for (int l = 0; chunks >> l != 0; ++l) {
      if (!(chunks >> l & 1)) continue;
      results[i] = first ? waiting[i][l] : waiting[i][l] + results[i];
      first = 0;
    }
  }
}

/* A magnitude as a whole number of the same order, behind which NaN are. */
static @_key @_key_of(@_number value) {
  union {
    @_key bits;
    @_number value;
  } both;
  both.value = value;
  return both.bits & ((@_key)-1 >> 1);
}
static double @_magnitude(@_key key) {
  union {
    @_key bits;
    @_number value;
  } both;
  both.bits = key;
  return (double)both.value;
}

static double @_find_quantile(const @_number *all, size_t size, double q) {
  const double rank = fma(q, (double)(size - 1), -0.0), whole = floor(rank);
  const size_t k = (size_t)whole;
  @_key low = 0, high = (@_key)-1 >> 1, next = high;
  size_t up_to = 0;
  while (low < high) {  /* the first magnitude that more than k are not above */
    const @_key middle = low + (high - low) / 2;
    size_t count = 0;
    for (size_t i = 0; i < size; ++i) count += @_key_of(all[i]) <= middle;
    if (count > k)
      high = middle;
    else
      low = middle + 1;
  }
  for (size_t i = 0; i < size; ++i) {
    const @_key key = @_key_of(all[i]);
    if (key <= low)
      ++up_to;
    else if (key < next)
      next = key;
  }
  const double at_k = @_magnitude(low), after = @_magnitude(up_to > k + 1 || up_to == size ? low : next);
  return rank == whole ? at_k : fma(rank - whole, after - at_k, at_k);
}

static double @_polynomial(const double *coefficients, int count, double x) {
  double p = coefficients[0];
  for (int i = 1; i < count; ++i) p = fma(p, x, coefficients[i]);
  return p;
}
static double @_scaled(double a, double n) {
  return @_wide(@_wide_bits(a) + (@_wide_bits(n + 0x1.8p52) << 52));
}
static double @_exp_of(double x) {
  static const double series[14] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                                    1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0};
  const double y = x < -746.0 ? -746.0 : x > 710.0 ? 710.0 : x;
  const double n = nearbyint(y * 0x1.71547652b82fep+0), half = nearbyint(n * 0.5);
  const double r = fma(n, -0x1.abc9e3b39803fp-56, fma(n, -0x1.62e42fefa39efp-1, y));
  const double result = fma(@_scaled(@_polynomial(series, 14, r), half), @_scaled(1.0, n - half), -0.0);
  return @_is_nan(x) ? x : result;
}
static double @_log_of(double x) {
  static const double series[10] = {2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                    2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3};
  const int small = x < 0x1p-1022;
  const uint64_t bits = @_wide_bits(small ? x * 0x1p54 : x), from = bits - 0x3fe6a09e667f3bcdu;
  const int power = (int)(from >> 52) - (from >> 63 ? 4096 : 0);
  const double e = (double)power - (small ? 54.0 : 0.0);
  const double f = @_wide(bits - ((uint64_t)power << 52)) - 1.0, s = f / (f + 2.0), z = fma(s, s, -0.0);
  const double p = @_polynomial(series, 10, z);
  const double upper = fma(e, 0x1.62e42fefa38p-1, f), lost = f - fma(e, -0x1.62e42fefa38p-1, upper);
  const double rest = fma(-s, fma(-z, p, f), fma(e, 0x1.ef35793c7673p-45, lost));
  if (@_is_nan(x) || @_wide_bits(x) == 0x7ff0000000000000u) return x;
  return x > 0 ? upper + rest : @_wide(x == 0 ? 0xfff0000000000000u : 0x7ff8000000000000u);
}
/* sin(pi (x + quarters / 2)) */
static double @_turned(double x, double quarters) {
  static const double sine[8] = {0x1.aaec32af93359p-21, -0x1.6fadb9f155744p-16, 0x1.e8f434d018d63p-12,
                                 -0x1.e3074fde8871fp-8, 0x1.50783487ee782p-4, -0x1.32d2cce62bd86p-1,
                                 0x1.466bc6775aae2p+1, -0x1.4abbce625be53p+2};
  static const double cosine[7] = {0x1.20c62c2f2d7f5p-18, -0x1.b6e24f44b128fp-14, 0x1.f9d38a3763cc3p-10,
                                   -0x1.a6d1f2a204a8cp-6, 0x1.e1f506891babbp-3, -0x1.55d3c7e3cbffap+0,
                                   0x1.03c1f081b5ac4p+2};
  const double y = x > -0x1p53 && x < 0x1p53 ? x : 0.0, n = nearbyint(y + y);
  const double r = fma(n, -0.5, y), z = fma(r, r, -0.0), q = fma(nearbyint(n * 0.25), -4.0, n) + quarters;
  const uint64_t quarter = @_wide_bits(q + 0x1.8p52);
  const double s = fma(r, 0x1.921fb54442d18p+1, r * fma(z, @_polynomial(sine, 8, z), 0x1.1a62633145c07p-53));
  const double upper = fma(z, -0x1.3bd3cc9be45dep+2, 1.0);
  const double c = upper + fma(z * z, @_polynomial(cosine, 7, z), fma(z, -0x1.3bd3cc9be45dep+2, 1.0 - upper));
  const double result = quarter & 1 ? c : s;
  if ((@_wide_bits(x) & 0x7fffffffffffffffu) >= 0x7ff0000000000000u) return @_is_nan(x) ? x : @_wide(0x7ff8000000000000u);
  return quarter & 2 ? -result : result;
}
static double @_acos_of(double x) {
  static const double series[13] = {0x1.d72b2bc8155f8p-6, -0x1.e6aaa8a0a04ccp-7, 0x1.1d189408314eep-6,
                                    0x1.65a9c4dfcf8b2p-8, 0x1.52420b04b37bep-7, 0x1.782651caa6547p-7,
                                    0x1.c9cf07674736ap-7, 0x1.1c4d35cf95421p-6, 0x1.6e8bb1c8209a2p-6,
                                    0x1.f1c71c1db0623p-6, 0x1.6db6db6e31f13p-5, 0x1.3333333332ecap-4,
                                    0x1.5555555555556p-3};
  const double a = x < -1.0 || x > 1.0 ? 1.0 : x < 0 ? -x : x;
  const int small = a < 0.5;
  const double z = small ? a * a : (1.0 - a) * 0.5, s = small ? a : sqrt(z);
  const double arc = fma(s * z, @_polynomial(series, 13, z), s);
  const double part = fma(arc, 0x1.45f306dc9c883p-2, arc * -0x1.6b01ec5417056p-56);
  const double result = small ? (x < 0 ? 0.5 + part : 0.5 - part) : x < 0 ? 1.0 - (part + part) : part + part;
  return @_is_nan(x) ? x : result;
}
static double @_chosen(double a, double b, double c, double d) {
  return @_is_nan(a) ? a : @_is_nan(b) ? b : a < b ? c : d;
}

static void @_measure(const struct @_run *run, const struct @_measure *m, size_t sample, @_number *found) {
  double results[@_finds], v[@_operations];
  double *kept = @_kept > 0 ? run->kept + sample * @_kept : 0;
  int quantiles = 0;
  for (int i = 0; i < m->finds; ++i) quantiles += m->of[i].what == @_quantile;
  if (quantiles < m->finds) @_sums(run, m, sample, results);
  if (quantiles > 0) @_apply(run, &m->form, found, sample);
  for (int i = 0; i < m->finds; ++i)
    if (m->of[i].what == @_quantile)
      results[i] = @_find_quantile(@_tensor(run, m->form.row[m->of[i].a].buffer) + sample * run->size, run->size, m->of[i].q);
  for (int o = 0; o < m->operations; ++o) {
    const int i = m->tape[o].index;
    const double a = m->tape[o].a < 0 ? 0 : v[m->tape[o].a], b = m->tape[o].b < 0 ? 0 : v[m->tape[o].b];
    const double c = m->tape[o].c < 0 ? 0 : v[m->tape[o].c], d = m->tape[o].d < 0 ? 0 : v[m->tape[o].d];
    double result = 0;
    switch (m->tape[o].what) {
      case @_constant: result = m->tape[o].value; break;
      case @_size: result = (double)run->size; break;
      case @_found: result = results[i]; break;
      case @_load: result = kept[i]; break;
      case @_plus: result = a + b; break;
      case @_minus: result = a - b; break;
      case @_times: result = fma(a, b, -0.0); break;
      case @_quotient: result = @_wide_bits(b) << 1 == 0 && !@_is_nan(a) ? c : a / b; break;
      case @_root: result = a < 0 && !@_is_nan(a) ? 0 : sqrt(a); break;
      case @_least: result = @_chosen(a, b, a, b); break;
      case @_largest: result = @_chosen(a, b, b, a); break;
      case @_choose: result = @_chosen(a, b, c, d); break;
      case @_exp: result = @_exp_of(a); break;
      case @_log: result = @_log_of(a); break;
      case @_cosine: result = @_turned(a, 1.0); break;
      case @_sine: result = @_turned(a, 0.0); break;
      case @_arc_cosine: result = @_acos_of(a); break;
      case @_keep:
      case @_store: break;
    }
    v[o] = result;
  }
  for (int o = 0; o < m->operations; ++o) {
    if (m->tape[o].what == @_keep) kept[m->tape[o].index] = v[m->tape[o].a];
    if (m->tape[o].what == @_store) found[m->tape[o].index] = (@_number)v[m->tape[o].a];
  }
}
)";

/// The loop over calls, where ~ is what finds numbers of a sample, if anything does.
inline constexpr std::string_view loops = R"(
static void @_calls(const struct @_run *run) {
  for (int i = 0; i < @_count; ++i) {
    const struct @_call *c = &@_call[i];
    for (int b = 0; b < @_branches; ++b)
      if (c->wanted >> b & 1) run->network(run->user, b, c->at, @_tensor(run, c->input), @_tensor(run, @_buffers + b));
    for (size_t sample = 0; sample < run->samples; ++sample) {
      @_number found[@_numbers + 1] = {0};
~      @_apply(run, &c->then, found, sample);
    }
  }
}

void @_sample_from(const struct @_run *run) {
  for (size_t sample = 0; sample < run->samples; ++sample) @_apply(run, &@_enter, 0, sample);
  @_calls(run);
}
)";
inline constexpr std::string_view measuring =
    "      for (int m = c->first; m < c->end; ++m) @_measure(run, &@_measure_table[m], sample, found);\n";

inline constexpr std::string_view from_noise = R"(
void @_sample(const struct @_run *run) {
  for (size_t sample = 0; sample < run->samples; ++sample) @_apply(run, &@_draw_first, 0, sample);
  @_calls(run);
}
)";

inline constexpr std::string_view tensor = R"(
static @_number *@_tensor(const struct @_run *run, int number) {
  return number == 0 ? run->x : run->memory + (size_t)(number - 1) * run->samples * run->size;
}
)";

/// Writes a program whose validity is known.
class writer {
 public:
  writer(const program& p, const c_options& options) : p_(p), options_(options), measures_(p.has_measures()) {
    for (const table& t : p.tables)
      if (!t.name.empty()) planes_.push_back(t.name);
    widen(p.draw), widen(p.enter);
    for (const call& c : p.calls) {
      widen(c.then);
      two_levels_ = two_levels_ || c.to.has_value();
      for (const measure& m : c.measures) {
        widen(m.form);
        finds_ = (std::max)(finds_, static_cast<int>(m.of.size()));
        operations_ = (std::max)(operations_, static_cast<int>(m.tape.size()));
      }
    }
  }

  [[nodiscard]] std::string operator()() const {
    const bool from_data = p_.levels.front().is_data();
    std::string all =
        detail::joined({"/* Written by fokker: ", detail::text(p_.steps()), " steps, ", detail::text(p_.calls.size()),
                        " calls of a network that predicts ", word(p_.predicts),
                        ".\n   Compile it, or include it; with @_DECLARED it only declares. ",
                        "Without -ffast-math x has the same bits\n   as in C++. */\n",
                        "#ifndef @_run_declared\n#define @_run_declared\n"});
    all += "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n\n";
    all += options_.in_double ? "typedef double @_number;\n" : "typedef float @_number;\n";
    all += detail::joined(
        {"enum {\n  @_buffers = ", detail::text(p_.buffers), ",\n  @_branches = ", detail::text(p_.branches),
         ",\n  @_tensors = @_buffers - 1 + @_branches,\n  @_givens = ", detail::text(p_.givens.size()),
         ",\n  @_planes = ", detail::text(planes_.size()), ",\n  @_kept = ", detail::text(p_.scalars.size()),
         "\n};\n"});
    add_names(all, "given", p_.givens);
    add_names(all, "planes", planes_);
    all += with(declarations, '~', measures_ ? kept : "");
    if (!from_data) all += "void @_sample(const struct @_run *run);  /* from noise, which is written to x first */\n";
    all += "#endif\n\n#ifndef @_DECLARED\n";
    all += options_.in_double ? "#define @_fma fma\n" : "#define @_fma fmaf\n";
    // Measures are in double, with weights that are not rounded first.
    all += measures_ ? "typedef double @_weighs;\n" : "typedef @_number @_weighs;\n";
    all += detail::joined({"enum {\n  @_inputs = ", detail::text(inputs_), ",\n  @_normals = ", detail::text(normals_),
                           ",\n  @_rows = ", detail::text(rows_), ",\n  @_levels = ", two_levels_ ? "2" : "1",
                           ",\n  @_count = ", detail::text(p_.calls.size()), ",\n  @_finds = ", detail::text(finds_),
                           ",\n  @_operations = ", detail::text(operations_),
                           ",\n  @_numbers = ", detail::text(p_.tables.size() - planes_.size()), "\n};\n"});
    all += types;
    if (measures_) all += type_of_measures;
    all += "\n";
    if (!from_data) add_update(all += "static const struct @_update @_draw_first = ", p_.draw), all += ";\n";
    add_update(all += "static const struct @_update @_enter = ", p_.enter), all += ";\n";
    if (measures_) {
      all += "static const struct @_measure @_measure_table[] = {\n";
      for (const call& c : p_.calls)
        for (const measure& m : c.measures) add_measure(all, m);
      all += "};\n";
    }
    all += "static const struct @_call @_call[@_count] = {\n";
    std::size_t before = 0;
    for (const call& c : p_.calls) add_call(all, c, before), before += c.measures.size();
    all += "};\n";
    all += normals;
    all += tensor;
    all += with(rows, '$', "");
    if (measures_ && options_.in_double) all += "#define @_form_double @_form\n";
    if (measures_ && !options_.in_double)
      all += "\ntypedef double @_number_double;\n#define @_fma_double fma\n" + with(rows, '$', "_double");
    all += updates;
    if (measures_) {
      all += options_.in_double ? "\ntypedef uint64_t @_key;\n" : "\ntypedef uint32_t @_key;\n";
      all += measures;
    }
    all += with(loops, '~', measures_ ? measuring : "");
    if (!from_data) all += from_noise;
    all += "#endif\n";
    return with(all, '@', options_.name);
  }

 private:
  /// Tables of the caller's from 1 on, those that are found from -1 down.
  [[nodiscard]] int plane_of(int t) const {
    const bool is_found = nth(p_.tables, t).name.empty();
    int place = 0;
    for (int i = 0; i <= t; ++i) place += nth(p_.tables, i).name.empty() == is_found ? 1 : 0;
    return is_found ? -place : place;
  }
  void widen(const update& u) {
    inputs_ = (std::max)(inputs_, u.input_count);
    normals_ = (std::max)(normals_, u.normal_count);
    rows_ = (std::max)(rows_, u.row_count);
  }
  /// A text with another in the place of a letter.
  [[nodiscard]] static std::string with(std::string_view text, char letter, std::string_view other) {
    std::string all;
    for (const char c : text) c == letter ? all += other : all += c;
    return all;
  }
  /// A name as a comment can hold it.
  [[nodiscard]] static std::string word(std::string name) {
    for (char& c : name)
      if (c == '*' || c == '/' || c == '@' || c == '\\' || c == '?') c = '_';
    return name;
  }

  static void add_names(std::string& all, std::string_view what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    all += detail::joined({"/* ", what, ":"});
    for (const std::string& name : names) all += " " + word(name);
    all += " */\n";
  }
  template <class Number>
  [[nodiscard]] static std::string hexadecimal(Number value) {
    if (value == 0) return "0";
    char buffer[40];
    const bool negative = value < 0;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, negative ? -value : value, std::chars_format::hex);
    return detail::joined({negative ? "-0x" : "0x",
                           std::string_view(buffer, static_cast<std::size_t>(end.ptr - buffer)),
                           std::is_same_v<Number, float> ? "f" : ""});
  }
  [[nodiscard]] std::string number(double value) const {
    return options_.in_double || measures_ ? hexadecimal(value) : hexadecimal(static_cast<float>(value));
  }
  [[nodiscard]] std::string bound(double clamp) const {
    const bool none = options_.in_double ? !(clamp < row::unclamped) : !(clamp < 0x1.fffffep+127);
    return none ? "-1" : number(clamp);
  }

  void add_weights(std::string& all, std::string_view name, const update& u, int j, factor::operand of,
                   const double* weights, int count) const {
    if (count == 0) return;
    all += detail::joined({", .", name, " = {"});
    for (int i = 0; i < count; ++i) {
      all += (i == 0 ? "{" : ", {") + number(weights[i]);
      const auto f = std::find_if(u.factors.begin(), u.factors.end(),
                                  [&](const factor& one) { return one.of == of && one.row == j && one.index == i; });
      all += f == u.factors.end()
                 ? ", 0, 0"
                 : detail::joined({", ", number(f->by), ", ", detail::text(plane_of(nth(u.tables, f->table)))});
      all += "}";
    }
    all += "}";
  }
  void add_update(std::string& all, const update& u) const {
    static constexpr const char* places[] = {"@_buffer", "@_output", "@_given"};
    all += detail::joined({"{.inputs = ", detail::text(u.input_count), ", .normals = ", detail::text(u.normal_count),
                           ", .rows = ", detail::text(u.row_count)});
    for (int k = 0; k < u.input_count; ++k)
      all += detail::joined({k == 0 ? ", .input = {{" : ", {", places[nth(u.inputs, k).where], ", ",
                             detail::text(nth(u.inputs, k).index), k + 1 == u.input_count ? "}}" : "}"});
    for (int q = 0; q < u.normal_count; ++q) {
      const plan::normal& z = nth(u.normals, q);
      all += detail::joined({q == 0 ? ", .normal = {{" : ", {", detail::text(z.stream), "u, ", detail::text(z.id),
                             "u, ", detail::text(z.learned), ", ", hexadecimal(static_cast<float>(z.slope)), ", ",
                             hexadecimal(static_cast<float>(z.offset)), q + 1 == u.normal_count ? "}}" : "}"});
    }
    for (int j = 0; j < u.row_count; ++j) {
      const row& r = nth(u.rows, j);
      all += detail::joined({j == 0 ? ", .row = {{" : ", {", detail::text(r.buffer), ", ", bound(r.clamp)});
      add_weights(all, "input", u, j, factor::input, r.inputs.data(), u.input_count);
      add_weights(all, "earlier", u, j, factor::earlier, r.earlier.data(), j);
      add_weights(all, "normal", u, j, factor::normal, r.normals.data(), u.normal_count);
      constexpr double none = 0;
      add_weights(all, "one", u, j, factor::one, &none,
                  std::any_of(u.factors.begin(), u.factors.end(),
                              [j](const factor& f) { return f.of == factor::one && f.row == j; }));
      all += j + 1 == u.row_count ? "}}" : "}";
    }
    all += "}";
  }
  void add_level(std::string& all, const level& l) const {
    all += detail::joined({"{", hexadecimal(l.time), ", ", hexadecimal(l.alpha), ", ", hexadecimal(l.sigma), ", ",
                           hexadecimal(l.label), "}"});
  }
  void add_measure(std::string& all, const measure& m) const {
    static constexpr const char* found[] = {"@_dot", "@_sum", "@_quantile"};
    static constexpr const char* operations[] = {"@_constant", "@_size",   "@_found",    "@_load",      "@_plus",
                                                 "@_minus",    "@_times",  "@_quotient", "@_root",      "@_least",
                                                 "@_largest",  "@_choose", "@_exp",      "@_log",       "@_keep",
                                                 "@_store",    "@_cosine", "@_sine",     "@_arc_cosine"};
    add_update(all += "    {", m.form);
    all += detail::joined({", ", detail::text(m.of.size()), ", ", detail::text(m.tape.size()), ",\n     {"});
    for (const measured& one : m.of)
      all += detail::joined({"{", found[one.what], ", ", detail::text(one.a), ", ", detail::text(one.b), ", ",
                             hexadecimal(one.q), "}, "});
    if (m.of.empty()) all += "{@_dot, 0, 0, 0}";
    all += "},\n     {";
    for (const operation& o : m.tape)
      all += detail::joined({"{", operations[o.what], ", ", detail::text(o.a), ", ", detail::text(o.b), ", ",
                             detail::text(o.c), ", ", detail::text(o.d), ", ",
                             detail::text(o.what == operation::store ? -plane_of(o.index) - 1 : o.index), ", ",
                             hexadecimal(o.value), "}, "});
    all += "}},\n";
  }
  void add_call(std::string& all, const call& c, std::size_t before) const {
    std::uint32_t wanted = 0;
    for (int b = 0; b < p_.branches; ++b) wanted |= static_cast<std::uint32_t>(p_.wants(c, b)) << b;
    add_level(all += "    {{", c.at);
    if (c.to) add_level(all += ", ", *c.to);
    all += detail::joined({"}, ", detail::text(c.input), ", ", detail::text(wanted), ", ", detail::text(before), ", ",
                           detail::text(before + c.measures.size()), ",\n     "});
    add_update(all, c.then);
    all += "},\n";
  }

  const program& p_;
  const c_options& options_;
  int inputs_ = 1, normals_ = 1, rows_ = 1, finds_ = 1, operations_ = 1;
  bool two_levels_ = false, measures_ = false;
  std::vector<std::string> planes_{};
};

}  // namespace in_c

/// The plan as one file of C99 that needs nothing else, of a table and loops: x has the same bits there as here. Throws
/// std::invalid_argument for a name that C would not take, for a plan that finds numbers along axes while sampling,
/// and what `require_valid` says.
[[nodiscard]] inline std::string to_c(const program& p, const c_options& options = {}) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (options.name.empty() || !is_letter(options.name.front()) ||
      !std::all_of(options.name.begin(), options.name.end(), fits))
    detail::refuse("the name of a plan in C", options.name, "a letter, and letters, digits and _ behind it");
  require_valid(p);
  const auto require_whole = [](const axes& over) {
    if (over != axes{})
      detail::refuse("a plan in C", "with numbers along axes", "one whose numbers are of whole samples");
  };
  for (const table& t : p.tables)
    if (t.name.empty()) require_whole(t.over);
  for (const kept_number& n : p.scalars) require_whole(n.over);
  for (const call& c : p.calls)
    for (const measure& m : c.measures)
      for (const measured& one : m.of) require_whole(one.over);
  if (p.branches > 32) detail::refuse("the number of branches", p.branches, "1 to 32");
  return in_c::writer(p, options)();
}

}  // namespace fokker::inline v0::plan
