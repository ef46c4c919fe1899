// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0::plan {

namespace on_numbers {

/// What is known while sampling, for samples of one element: tables and kept numbers.
struct known {
  std::vector<double> tables, scalars;
  double given = 0;  // what the caller gives are data
  explicit known(const program& p, double data = 0)
      : tables(p.tables.size(), 1), scalars(p.scalars.size()), given(data) {}
};

/// An update whose factors are weights, but for those of the number 1, which become what rows begin with.
[[nodiscard]] inline update resolved(update u, const known& numbers) {
  for (factor& f : u.factors) {
    row& r = nth(u.rows, f.row);
    const double t = nth(numbers.tables, nth(u.tables, f.table));
    if (f.of == factor::one) {
      f.by = detail::rounded_product(f.by, t);
      continue;
    }
    double& w = f.of == factor::input     ? nth(r.inputs, f.index)
                : f.of == factor::earlier ? nth(r.earlier, f.index)
                                          : nth(r.normals, f.index);
    w = std::fma(f.by, t, w);
  }
  std::erase_if(u.factors, [](const factor& f) { return f.of != factor::one; });
  return u;
}

/// The rows of a resolved update on single numbers, in double: `memory` are the buffers, `outputs` the
/// branches, all normals are `z`.
[[nodiscard]] inline std::array<double, max_rows> rows(const update& u, const std::vector<double>& memory,
                                                       const std::vector<double>& outputs, double z, double given) {
  std::array<double, max_rows> results{};
  for (int j = 0; j < u.row_count; ++j) {
    const row& r = nth(u.rows, j);
    double sum = 0;
    for (const factor& f : u.factors)
      if (f.row == j) sum = f.by;
    for (int k = 0; k < u.input_count; ++k) {
      const operand& in = nth(u.inputs, k);
      const double value = in.where == operand::given
                               ? given
                               : (in.where == operand::buffer ? memory : outputs)[static_cast<std::size_t>(in.index)];
      sum = std::fma(nth(r.inputs, k), value, sum);
    }
    for (int i = 0; i < j; ++i) sum = std::fma(nth(r.earlier, i), nth(results, i), sum);
    for (int q = 0; q < u.normal_count; ++q) sum = std::fma(nth(r.normals, q), z, sum);
    nth(results, j) = std::clamp(sum, -r.clamp, r.clamp);
  }
  return results;
}
inline void apply(const update& u, const known& numbers, std::vector<double>& memory,
                  const std::vector<double>& outputs, double z = 0) {
  const auto results = rows(resolved(u, numbers), memory, outputs, z, numbers.given);
  for (int j = 0; j < u.row_count; ++j) nth(memory, nth(u.rows, j).buffer) = nth(results, j);
}

/// A measure on single numbers: the quantile of one is its magnitude.
inline void apply(const measure& m, known& numbers, std::vector<double>& memory, const std::vector<double>& outputs,
                  double z) {
  const auto found = rows(resolved(m.form, numbers), memory, outputs, z, numbers.given);
  for (int j = 0; j < m.form.row_count; ++j)
    if (const int b = nth(m.form.rows, j).buffer; b >= 0) nth(memory, b) = nth(found, j);
  std::vector<double> v;
  for (const operation& o : m.tape) {
    const auto value = [&v](int i) { return i < 0 ? 0.0 : nth(v, i); };
    const double a = value(o.a), b = value(o.b);
    double result = 0;
    switch (o.what) {
      case operation::constant:
        result = o.value;
        break;
      case operation::count:
        result = 1;
        break;
      case operation::found: {
        const measured& of = nth(m.of, o.index);
        const double row = nth(found, of.a);
        result = of.what == measured::dot   ? detail::rounded_product(row, nth(found, of.b))
                 : of.what == measured::sum ? row
                                            : std::abs(row);
        break;
      }
      case operation::load:
        result = nth(numbers.scalars, o.index);
        break;
      case operation::add:
        result = a + b;
        break;
      case operation::subtract:
        result = a - b;
        break;
      case operation::multiply:
        result = detail::rounded_product(a, b);
        break;
      case operation::quotient:
        result = b == 0 ? value(o.c) : a / b;
        break;
      case operation::root:
        result = a < 0 ? 0 : std::sqrt(a);
        break;
      case operation::least:
        result = (std::min)(a, b);
        break;
      case operation::largest:
        result = (std::max)(a, b);
        break;
      case operation::choose:
        result = a < b ? value(o.c) : value(o.d);
        break;
      case operation::exponential:
        result = std::exp(a);
        break;
      case operation::logarithm:
        result = std::log(a);
        break;
      case operation::cosine:
        result = std::cos(std::numbers::pi * a);
        break;
      case operation::sine:
        result = std::sin(std::numbers::pi * a);
        break;
      case operation::arc_cosine:
        result = std::acos((std::max)(-1.0, (std::min)(a, 1.0))) / std::numbers::pi;
        break;
      case operation::keep:
        nth(numbers.scalars, o.index) = a;
        break;
      case operation::store:
        nth(numbers.tables, o.index) = a;
        break;
    }
    v.push_back(result);
  }
}

/// What the branches of a call say, those that are predictions `value` and others nothing.
[[nodiscard]] inline std::vector<double> outputs(const program& p, const call& c, double value) {
  std::vector<double> all(static_cast<std::size_t>(p.branches), value);
  for (std::size_t b = 0; b < all.size() && b < 32; ++b)
    if ((c.raw >> b & 1) != 0) all[b] = 0;
  return all;
}

/// One call, its measures and its update. What comes back are the forms of these and the update, of weights that are
/// known by then.
inline std::vector<update> apply(const call& c, known& numbers, std::vector<double>& memory,
                                 const std::vector<double>& outputs, double z = 0) {
  std::vector<update> all;
  for (const measure& m : c.measures) {
    all.push_back(resolved(m.form, numbers));
    apply(m, numbers, memory, outputs, z);
  }
  all.push_back(resolved(c.then, numbers));
  apply(all.back(), numbers, memory, outputs, z);
  return all;
}

}  // namespace on_numbers

/// How far the plan is from taking data that is one constant c, with a network that knows it and no noise, to c:
/// the largest |x_t - alpha_t c| / (alpha_t c) over its calls and its end, for c = 1 or a smaller bound of data. In
/// y = x / alpha this is A + sum w = 1.
[[nodiscard]] inline double constant_error(const program& p) {
  require_calls(p);
  double constant = 1;  // or what the limits of data let pass
  for (const call& c : p.calls)
    for (const row& r : c.then.rows) constant = (std::min)(constant, r.clamp);
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = p.levels.front().alpha * constant;
  double error = 0;
  on_numbers::known numbers(p, constant);
  on_numbers::apply(p.enter, numbers, memory, {});
  const auto compare = [&error](double value, double expected) {
    const double off = std::abs(value - expected);
    error = (std::max)(error, expected == 0 ? off : off / expected);
  };
  for (const call& c : p.calls) {
    compare(nth(memory, c.input), detail::rounded_product(c.at.alpha * c.input_scale, constant));
    on_numbers::apply(c, numbers, memory, on_numbers::outputs(p, c, c.predicts.data * constant));
  }
  compare(memory[0], detail::rounded_product(p.levels.back().alpha, constant));
  return error;
}

/// How many times larger a rounding of the weights comes out in `constant_error`: here each is a part of 2^-26 larger
/// or smaller, as by chance. It is large where large weights cancel, as those of steep steps do.
[[nodiscard]] inline double constant_growth(program p) {
  std::uint64_t bits = 1;  // Knuth's generator of MMIX
  const auto change = [&bits](double& weight) {
    bits = 6364136223846793005u * bits + 1442695040888963407u;
    weight *= bits >> 63 == 0 ? 1 + 0x1p-26 : 1 - 0x1p-26;
  };
  for (call& c : p.calls)
    for (row& r : c.then.rows) {
      for (double& weight : r.inputs) change(weight);
      for (double& weight : r.earlier) change(weight);
    }
  for (call& c : p.calls)
    for (factor& f : c.then.factors) change(f.by);
  return constant_error(p) * 0x1p26;
}

namespace on_numbers {

/// A normal of a plan, and its weight in the result.
struct drawn {
  noise_piece piece;
  double weight;
};

/// The weights of what an update read in the result of a plan, from those of what is in memory after it; also those of
/// its normals, where they are asked for.
inline void go_back(const update& u, std::vector<double>& memory, std::vector<double>& outputs,
                    std::vector<drawn>* normals = nullptr) {
  std::array<double, max_inputs> of_inputs{};
  std::array<double, max_rows> of_rows{};
  for (int j = u.row_count - 1; j >= 0; --j) {
    const row& r = nth(u.rows, j);
    if (r.buffer >= 0) nth(of_rows, j) += std::exchange(nth(memory, r.buffer), 0.0);
    for (int i = 0; i < j; ++i) nth(of_rows, i) = std::fma(nth(of_rows, j), nth(r.earlier, i), nth(of_rows, i));
    for (int k = 0; k < u.input_count; ++k)
      nth(of_inputs, k) = std::fma(nth(of_rows, j), nth(r.inputs, k), nth(of_inputs, k));
    for (int q = 0; q < u.normal_count && normals != nullptr; ++q)
      normals->push_back({nth(u.normals, q), detail::rounded_product(nth(of_rows, j), nth(r.normals, q))});
  }
  for (int k = 0; k < u.input_count; ++k)
    if (const operand& in = nth(u.inputs, k); in.where != operand::given)
      nth(in.where == operand::buffer ? memory : outputs, in.index) += nth(of_inputs, k);
}

}  // namespace on_numbers

/// How much larger a rounding comes out than it went in.
struct amplified {
  double factor = 0;
  int call = 0;  ///< where it went in: in what the network read, or in what it said
};

/// The amplification at each call of a valid plan, of parts of what it reads and says to parts of the result, for data
/// of size 1 and predictions that stay what they are.
[[nodiscard]] inline std::vector<double> amplifications(const program& p) {
  const auto size = [](const level& l) { return detail::hypotenuse(l.alpha, l.sigma); };
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = 1 / size(p.levels.back());
  // Weights that are known only while sampling are those of data that are 1, and of branches that agree.
  std::vector<std::vector<update>> known;
  if (!p.tables.empty()) {
    on_numbers::known numbers(p, 1);
    std::vector<double> there(memory.size(), 0.0);
    there[0] = p.levels.front().alpha;
    on_numbers::apply(p.enter, numbers, there, {});
    for (const call& c : p.calls)
      known.push_back(on_numbers::apply(c, numbers, there, on_numbers::outputs(p, c, c.predicts.data)));
  }
  std::vector<double> each(p.calls.size());
  for (int i = static_cast<int>(p.calls.size()) - 1; i >= 0; --i) {
    const call& c = nth(p.calls, i);
    std::vector<double> outputs(static_cast<std::size_t>(p.branches), 0.0);
    std::vector<update> all = known.empty() ? std::vector<update>{c.then} : std::move(nth(known, i));
    for (; !all.empty(); all.pop_back()) on_numbers::go_back(all.back(), memory, outputs);
    double factor = std::abs(nth(memory, c.input)) * c.input_scale * size(c.at);
    for (const double weight : outputs)
      factor = std::fma(std::abs(weight), detail::hypotenuse(c.predicts.data, c.predicts.noise), factor);
    nth(each, i) = factor;
  }
  return each;
}
/// The largest of them, at the first call that has it.
[[nodiscard]] inline amplified amplification(const program& p) {
  amplified most;
  const std::vector<double> each = amplifications(p);
  for (std::size_t i = 0; i < each.size(); ++i)
    if (each[i] > most.factor) most = {each[i], static_cast<int>(i)};
  return most;
}

/// How much noise the plan leaves on data that are 0, with a network that knows them: |x| / alpha at its end over the
/// largest of sigma/alpha before. A step onto data is D alone, and so this is 0 whatever the steps before were; here
/// each begins with the noise of its level, and draws normals that are all 1. 0 for a plan that ends elsewhere, and
/// for one that calls the network at data, which weighs slopes there and is for data that are smooth.
[[nodiscard]] inline double noise_left(const program& p) {
  require_calls(p);
  const bool slopes = std::any_of(p.calls.begin(), p.calls.end(), [](const call& c) { return c.at.is_data(); });
  if (!p.levels.back().is_data() || slopes) return 0;
  std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
  memory[0] = p.levels.front().sigma;
  on_numbers::known numbers(p);
  on_numbers::apply(p.enter, numbers, memory, {}, 1);
  double largest = 0;
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    const call& c = p.calls[i];
    if (!c.at.is_noise()) largest = (std::max)(largest, c.at.ratio());
    const double x = nth(memory, c.input) / c.input_scale, epsilon = x == 0 ? 0 : 1;
    if (x != 0)
      for (double& b : memory) b *= c.at.sigma / x;  // a plan is linear: as if it had begun with more or less
    const std::vector<double> outputs = on_numbers::outputs(p, c, c.predicts.noise * epsilon);
    on_numbers::apply(c, numbers, memory, outputs,
                      i + 1 < p.calls.size() ? 1 : 0);  // some draw noise onto data as well
  }
  return std::abs(memory[0]) / (p.levels.back().alpha * (largest > 0 ? largest : 1));
}

/// The largest sigma/alpha of a call over that of the next, 1 or more: by it roundings grow in what is left of noise.
[[nodiscard]] inline double steepest(const program& p) {
  double most = 1;
  for (std::size_t i = 1; i < p.calls.size(); ++i)
    if (const level& s = p.calls[i - 1].at, &t = p.calls[i].at; !s.is_noise() && !t.is_data())
      most = (std::max)(most, s.ratio() / t.ratio());
  return most;
}

/// Whether a call tells the network the label of the one before, at another time.
[[nodiscard]] inline bool repeats_label(const program& p, std::size_t call) {
  if (call == 0) return false;
  const level &before = p.calls[call - 1].at, &here = p.calls[call].at;
  return before.label == here.label && before.time != here.time;
}

/// A template, so that fokker::compiled can have it.
template <class Program>
[[nodiscard]] std::vector<std::string> findings_of(const Program& p) {
  std::vector<std::string> findings;
  using detail::joined;
  using detail::text;
  const bool inverted = p.levels.size() > 1 && towards_data(p.levels.back(), p.levels.front());
  for (std::size_t i = 1; i < p.levels.size(); ++i)
    if (const level& a = p.levels[i - 1], &b = p.levels[i]; !(inverted ? towards_data(b, a) : towards_data(a, b)))
      findings.push_back(joined(
          {"level ", text(i), " is not strictly nearer to ", inverted ? "noise" : "data", " than the one before"}));
  for (std::size_t i = 1; i < p.calls.size(); ++i)
    if (const level& before = p.calls[i - 1].at, &here = p.calls[i].at; repeats_label(p, i))
      findings.push_back(joined({"calls ", text(i - 1), " and ", text(i), " tell the network the same label, ",
                                 text(here.label), ", at times ", text(before.time), " and ", text(here.time)}));
  try {
    require_valid(p);
  } catch (const std::invalid_argument& error) {
    findings.emplace_back(error.what());
    return findings;  // what is not valid cannot be run on numbers
  }
  // A chain of updates may round once per operand of each: 2^-53 each, with room for the sums' partial growth.
  const double rounding = 0x1p-53 * 64 * (1 + static_cast<double>(p.calls.size()));
  // The weights are rounded as well, some of them several times: the same room for what comes of 2^-53 in each, up to
  // where float, by its 2^-24, is off by 2^-7.
  if (const double error = constant_error(p);
      !(error <= rounding) && !(error <= 0x1p-53 * 64 * (std::min)(constant_growth(p), 0x1p17)))
    findings.push_back(joined({"constant data are not preserved: off by ", text(error)}));
  // In float, which rounds by 2^-24, more than 2^-7: a step of 8 bits in [-1, 1].
  if (const auto [factor, call] = amplification(p); !(factor * 0x1p-24 <= 0x1p-7))
    findings.push_back(joined({"call ", text(call), ", at time ", text(nth(p.calls, call).at.time),
                               ": what float rounds there comes out as ", text(factor * 0x1p-24),
                               " in the result: begin at less noise, or let the network predict something else"}));
  if (const double left = noise_left(p); !(left <= rounding * steepest(p)))
    findings.push_back(
        joined({"noise is left on data that the network knows, ", text(left),
                " of what there was: a mistake in the solver, or weights of guidance that do not sum to 1"}));
  return findings;
}
#if defined(FOKKER_COMPILED)
extern template std::vector<std::string> findings_of(const program&);
#endif

/// What a careful user should know of a plan before running it, a sentence each; empty where nothing was found.
[[nodiscard]] inline std::vector<std::string> check(const program& p) { return findings_of(p); }

}  // namespace fokker::inline v0::plan
