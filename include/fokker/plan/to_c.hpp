// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

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
};

void @_sample_from(const struct @_run *run);  /* from the x that is there */
)";

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
    @_number bound;  /* below 0: none */
    struct @_weight {
      @_number fixed, by;  /* fixed + by times what the plane has, */
      int plane;           /* number plane - 1; 0: none */
    } input[@_inputs], earlier[@_rows], normal[@_normals];
  } row[@_rows];
};

struct @_call {
  struct @_level at[@_levels];
  int input;
  uint32_t wanted;  /* branches, a bit each */
  struct @_update then;
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

/// The loops.
inline constexpr std::string_view loops = R"(
static @_number *@_tensor(const struct @_run *run, int number) {
  return number == 0 ? run->x : run->memory + (size_t)(number - 1) * run->samples * run->size;
}

/* Adds an operand, if it has a weight. */
static void @_add(const struct @_run *run, const struct @_weight *weight, size_t sample, size_t element,
                  const @_number *operand, @_number *sum, int *terms) {
  @_number w = weight->fixed;
  if (weight->plane > 0) {
    const struct @_plane *p = &run->plane[weight->plane - 1];
    w = @_fma(weight->by, p->values[sample * p->stride + element / p->repeat % p->count], w == 0 ? -(@_number)0 : w);
  } else if (w == 0) {
    return;
  }
  *sum = @_fma(w, *operand, *sum);
  *terms += 1;
}

/* Each result is one chain of fma: inputs, earlier results, normals. Results may lie where operands do. */
static void @_element(const struct @_run *run, const struct @_update *u, size_t sample, size_t element, const float *z) {
  const size_t n = sample * run->size + element;
  const @_number *input[@_inputs];
  @_number normal[@_normals], row[@_rows];
  for (int k = 0; k < u->inputs; ++k) {
    const int i = u->input[k].index;
    input[k] = n + (u->input[k].where == @_given ? run->given[i]
                                                 : @_tensor(run, u->input[k].where == @_output ? @_buffers + i : i));
  }
  for (int q = 0; q < u->normals; ++q) {
    const int v = u->normal[q].learned;
    normal[q] = v < 0 ? z[4 * q]
                      : fmaf(z[4 * q], @_exponential(fmaf(u->normal[q].slope, (float)*input[v], u->normal[q].offset)), -0.0f);
  }
  for (int j = 0; j < u->rows; ++j) {
    @_number sum = -(@_number)0;
    const @_number bound = u->row[j].bound;
    int terms = 0;
    for (int k = 0; k < u->inputs; ++k) @_add(run, &u->row[j].input[k], sample, element, input[k], &sum, &terms);
    for (int i = 0; i < j; ++i) @_add(run, &u->row[j].earlier[i], sample, element, &row[i], &sum, &terms);
    for (int q = 0; q < u->normals; ++q) @_add(run, &u->row[j].normal[q], sample, element, &normal[q], &sum, &terms);
    if (terms == 0) sum = 0;
    if (bound >= 0) sum = sum > bound ? bound : sum < -bound ? -bound : sum;
    row[j] = sum;
  }
  for (int j = 0; j < u->rows; ++j) @_tensor(run, u->row[j].buffer)[n] = row[j];
}

static void @_apply(const struct @_run *run, const struct @_update *u) {
  for (size_t sample = 0; sample < run->samples; ++sample)
    for (size_t first = 0; first < run->size; first += 4) {
      float z[@_normals][4];
      for (int q = 0; q < u->normals; ++q)
        @_draw(run, (uint32_t)sample, (uint32_t)(first / 4), u->normal[q].stream, u->normal[q].id, z[q]);
      for (size_t e = 0; e < 4 && first + e < run->size; ++e) @_element(run, u, sample, first + e, &z[0][e]);
    }
}

static void @_calls(const struct @_run *run) {
  for (int i = 0; i < @_count; ++i) {
    const struct @_call *c = &@_call[i];
    for (int b = 0; b < @_branches; ++b)
      if (c->wanted >> b & 1) run->network(run->user, b, c->at, @_tensor(run, c->input), @_tensor(run, @_buffers + b));
    @_apply(run, &c->then);
  }
}

void @_sample_from(const struct @_run *run) {
  @_apply(run, &@_enter);
  @_calls(run);
}
)";

inline constexpr std::string_view from_noise = R"(
void @_sample(const struct @_run *run) {
  @_apply(run, &@_draw_first);
  @_calls(run);
}
)";

/// Writes a program whose validity is known.
class writer {
 public:
  writer(const program& p, const c_options& options) : p_(p), options_(options) {
    widen(p.draw), widen(p.enter);
    for (const call& c : p.calls) widen(c.then), two_levels_ = two_levels_ || c.to.has_value();
  }

  [[nodiscard]] std::string operator()() const {
    const bool from_data = p_.levels.front().is_data();
    std::string all = detail::joined({"/* Written by fokker: ", detail::text(p_.steps()), " steps, ",
                                      detail::text(p_.calls.size()), " calls of a network that predicts ", p_.predicts,
                                      ".\n   Compile it, or include it; with @_DECLARED it only declares. ",
                                      "Without -ffast-math x has the same bits\n   as in C++. */\n",
                                      "#ifndef @_run_declared\n#define @_run_declared\n"});
    all += "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n\n";
    all += options_.in_double ? "typedef double @_number;\n" : "typedef float @_number;\n";
    all +=
        detail::joined({"enum { @_buffers = ", detail::text(p_.buffers), ", @_branches = ", detail::text(p_.branches),
                        ", @_tensors = @_buffers - 1 + @_branches, @_givens = ", detail::text(p_.givens.size()),
                        ", @_planes = ", detail::text(p_.tables.size()), " };\n"});
    add_names(all, "given", p_.givens, [](const std::string& name) { return name; });
    add_names(all, "planes", p_.tables, [](const table& t) { return t.name; });
    all += declarations;
    if (!from_data) all += "void @_sample(const struct @_run *run);  /* from noise, which is written to x first */\n";
    all += "#endif\n\n#ifndef @_DECLARED\n";
    all += options_.in_double ? "#define @_fma fma\n" : "#define @_fma fmaf\n";
    all += detail::joined({"enum { @_inputs = ", detail::text(inputs_), ", @_normals = ", detail::text(normals_),
                           ", @_rows = ", detail::text(rows_), ", @_levels = ", two_levels_ ? "2" : "1",
                           ", @_count = ", detail::text(p_.calls.size()), " };\n"});
    all += types;
    if (!from_data) add_update(all += "\nstatic const struct @_update @_draw_first = ", p_.draw), all += ";\n";
    add_update(all += "static const struct @_update @_enter = ", p_.enter), all += ";\n";
    all += "static const struct @_call @_call[@_count] = {\n";
    for (const call& c : p_.calls) add_call(all, c);
    all += "};\n";
    all += normals;
    all += loops;
    if (!from_data) all += from_noise;
    all += "#endif\n";
    return named(all);
  }

 private:
  void widen(const update& u) {
    inputs_ = (std::max)(inputs_, u.input_count);
    normals_ = (std::max)(normals_, u.normal_count);
    rows_ = (std::max)(rows_, u.row_count);
  }
  [[nodiscard]] std::string named(std::string_view text) const {
    std::string all;
    for (const char c : text) c == '@' ? all += options_.name : all += c;
    return all;
  }

  template <class List, class Name>
  static void add_names(std::string& all, std::string_view what, const List& list, Name name_of) {
    if (list.empty()) return;
    all += detail::joined({"/* ", what, ":"});
    for (const auto& one : list) all += " " + name_of(one);
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
    return options_.in_double ? hexadecimal(value) : hexadecimal(static_cast<float>(value));
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
                 : detail::joined({", ", number(f->by), ", ", detail::text(at(u.tables, f->table) + 1)});
      all += "}";
    }
    all += "}";
  }
  void add_update(std::string& all, const update& u) const {
    static constexpr const char* places[] = {"@_buffer", "@_output", "@_given"};
    all += detail::joined({"{.inputs = ", detail::text(u.input_count), ", .normals = ", detail::text(u.normal_count),
                           ", .rows = ", detail::text(u.row_count)});
    for (int k = 0; k < u.input_count; ++k)
      all += detail::joined({k == 0 ? ", .input = {{" : ", {", places[at(u.inputs, k).where], ", ",
                             detail::text(at(u.inputs, k).index), k + 1 == u.input_count ? "}}" : "}"});
    for (int q = 0; q < u.normal_count; ++q) {
      const plan::normal& z = at(u.normals, q);
      all += detail::joined({q == 0 ? ", .normal = {{" : ", {", detail::text(z.stream), "u, ", detail::text(z.id),
                             "u, ", detail::text(z.learned), ", ", hexadecimal(static_cast<float>(z.slope)), ", ",
                             hexadecimal(static_cast<float>(z.offset)), q + 1 == u.normal_count ? "}}" : "}"});
    }
    for (int j = 0; j < u.row_count; ++j) {
      const row& r = at(u.rows, j);
      all += detail::joined({j == 0 ? ", .row = {{" : ", {", detail::text(r.buffer), ", ", bound(r.clamp)});
      add_weights(all, "input", u, j, factor::input, r.inputs.data(), u.input_count);
      add_weights(all, "earlier", u, j, factor::earlier, r.earlier.data(), j);
      add_weights(all, "normal", u, j, factor::normal, r.normals.data(), u.normal_count);
      all += j + 1 == u.row_count ? "}}" : "}";
    }
    all += "}";
  }
  void add_level(std::string& all, const level& l) const {
    all += detail::joined({"{", hexadecimal(l.time), ", ", hexadecimal(l.alpha), ", ", hexadecimal(l.sigma), ", ",
                           hexadecimal(l.label), "}"});
  }
  void add_call(std::string& all, const call& c) const {
    std::uint32_t wanted = 0;
    for (int b = 0; b < p_.branches; ++b) wanted |= static_cast<std::uint32_t>(p_.wants(c, b)) << b;
    add_level(all += "    {{", c.at);
    if (c.to) add_level(all += ", ", *c.to);
    all += detail::joined({"}, ", detail::text(c.input), ", ", detail::text(wanted), ",\n     "});
    add_update(all, c.then);
    all += "},\n";
  }

  const program& p_;
  const c_options& options_;
  int inputs_ = 1, normals_ = 1, rows_ = 1;
  bool two_levels_ = false;
};

}  // namespace in_c

/// The plan as one file of C99 that needs nothing else, of a table and loops: x has the same bits there as here. Throws
/// std::invalid_argument for a name that C would not take, for a plan that finds numbers while sampling, and what
/// `require_valid` says.
[[nodiscard]] inline std::string to_c(const program& p, const c_options& options = {}) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (options.name.empty() || !is_letter(options.name.front()) ||
      !std::all_of(options.name.begin(), options.name.end(), fits))
    detail::refuse("the name of a plan in C", options.name, "a letter, and letters, digits and _ behind it");
  require_valid(p);
  if (p.has_measures()) detail::refuse("a plan in C", "with numbers that are found while sampling", "one without");
  if (p.branches > 32) detail::refuse("the number of branches", p.branches, "1 to 32");
  return in_c::writer(p, options)();
}

}  // namespace fokker::inline v0::plan
