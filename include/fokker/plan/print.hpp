// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>

#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::plan {

namespace printed {

[[nodiscard]] inline std::string padded(double value, int width) {
  char buffer[48];
  const int length = std::snprintf(buffer, sizeof buffer, "%*.6g", width, value);
  return {buffer, static_cast<std::size_t>(length)};
}

[[nodiscard]] inline std::string buffer_name(int index) { return index == 0 ? "x" : "b" + std::to_string(index); }

[[nodiscard]] inline std::string operand_name(const operand& o) {
  return o.where == operand::buffer ? buffer_name(o.index)
                                    : (o.where == operand::given ? "g" : "n") + std::to_string(o.index);
}

[[nodiscard]] inline std::string normal_name(const update& u, const normal& z) {
  if (z.stream == normal::start) return "z_start";
  std::string name = "z" + std::to_string(z.id);
  if (z.learned < 0) return name;
  return detail::joined({"exp(", padded(z.slope, 0), " ", operand_name(nth(u.inputs, z.learned)),
                         z.offset < 0 ? " - " : " + ", padded(z.offset < 0 ? -z.offset : z.offset, 0), ") ", name});
}

[[nodiscard]] inline std::string row_name(const update& u, int j) {
  const int b = nth(u.rows, j).buffer;
  return b < 0 ? "r" + std::to_string(j) : buffer_name(b);
}

/// Row j of an update; a weight with a factor is (w + by t), t being one of the program's tables.
[[nodiscard]] inline std::string formula(const update& u, int j) {
  const row& r = nth(u.rows, j);
  std::string sum;
  const auto term = [&](double weight, factor::operand of, int index, const std::string& name) {
    std::string scaled;
    for (const factor& f : u.factors)
      if (f.row == j && f.of == of && f.index == index)
        scaled = padded(f.by, 0) + " t" + std::to_string(nth(u.tables, f.table));
    if (!scaled.empty()) {
      if (weight != 0) scaled = detail::joined({"(", padded(weight, 0), " + ", scaled, ")"});
      sum += (sum.empty() ? "" : " + ") + scaled + " " + name;
    } else if (weight != 0) {
      sum += sum.empty() ? (weight < 0 ? "-" : "") : (weight < 0 ? " - " : " + ");
      sum += padded(weight < 0 ? -weight : weight, 0) + " " + name;
    }
  };
  term(0, factor::one, 0, "1");
  for (int k = 0; k < u.input_count; ++k) term(nth(r.inputs, k), factor::input, k, operand_name(nth(u.inputs, k)));
  for (int i = 0; i < j; ++i) term(nth(r.earlier, i), factor::earlier, i, row_name(u, i) + "'");
  for (int q = 0; q < u.normal_count; ++q)
    term(nth(r.normals, q), factor::normal, q, normal_name(u, nth(u.normals, q)));
  if (sum.empty()) sum = "0";
  return r.clamp < row::unclamped ? detail::joined({"clamp(", sum, ", ", padded(r.clamp, 0), ")"}) : sum;
}

[[nodiscard]] inline std::string formula(const update& u) {
  std::string text;
  for (int j = 0; j < u.row_count; ++j) text += (j > 0 ? "; " : "") + row_name(u, j) + " = " + formula(u, j);
  return text;
}

[[nodiscard]] inline std::string axes_name(const axes& over) {
  if (over.count == 0) return "";
  return detail::joined({" by axes ", detail::text(over.first), " to ", detail::text(over.first + over.count - 1)});
}

/// Rows that are formed, and what is done with the numbers that are found of them: v0, v1 ..., kept numbers s0 ...
[[nodiscard]] inline std::string formula(const measure& m) {
  static constexpr const char* names[] = {"",         "count", "",       "",        "add",    "subtract", "multiply",
                                          "quotient", "root",  "least",  "largest", "choose", "exp",      "log",
                                          "",         "",      "cos_pi", "sin_pi",  "acos_pi"};
  std::string text = formula(m.form);
  for (std::size_t i = 0; i < m.tape.size(); ++i) {
    const operation& o = m.tape[i];
    const auto value = [](int v) { return "v" + std::to_string(v); };
    std::string line = value(static_cast<int>(i)) + " = ";
    if (o.what == operation::constant) {
      line += padded(o.value, 0);
    } else if (o.what == operation::found) {
      const measured& f = nth(m.of, o.index);
      const std::string a = row_name(m.form, f.a);
      line += f.what == measured::dot   ? detail::joined({"dot(", a, ", ", row_name(m.form, f.b), ")"})
              : f.what == measured::sum ? detail::joined({"sum(", a, ")"})
                                        : detail::joined({"quantile(", a, ", ", padded(f.q, 0), ")"});
      line += axes_name(f.over);
    } else if (o.what == operation::count) {
      line += "count()" + axes_name(nth(m.of, o.index).over);
    } else if (o.what == operation::load) {
      line += "s" + std::to_string(o.index);
    } else if (o.what == operation::keep || o.what == operation::store) {
      line = (o.what == operation::keep ? "s" : "t") + std::to_string(o.index) + " = " + value(o.a);
    } else {
      line += names[o.what];
      const int operands[] = {o.a, o.b, o.c, o.d};
      for (int k = 0; k < operand_count(o.what); ++k) line += (k == 0 ? "(" : ", ") + value(operands[k]);
      line += ")";
    }
    text += (text.empty() ? "" : "; ") + line;
  }
  return text;
}

}  // namespace printed

/// The number of network evaluations of a run, branches counted one by one.
[[nodiscard]] inline int evaluations(const program& p) {
  int count = 0;
  for (const call& c : p.calls)
    for (int b = 0; b < p.branches; ++b) count += p.wants(c, b);
  return count;
}

namespace printed {

/// A template, so that fokker::compiled can have it.
template <class Program>
[[nodiscard]] std::string whole(const Program& p) {
  std::string text = "plan: " + std::to_string(p.steps()) + " steps, " + std::to_string(p.calls.size()) +
                     " network calls, " + std::to_string(evaluations(p)) + " evaluations, " +
                     std::to_string(normals(p)) + " normals, " + std::to_string(p.buffers) +
                     " buffers; the network predicts " + p.predicts + "\n";
  text += "start   " + printed::formula(p.draw) + "\n";
  if (p.enter.row_count > 0) text += "enter   " + printed::formula(p.enter) + "\n";
  text += "call step       time      label      alpha      sigma    log-snr  reads   then\n";
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    const call& c = p.calls[i];
    char line[160];
    const std::string reads = c.input_scale == 1 ? printed::buffer_name(c.input) : printed::buffer_name(c.input) + "*";
    std::snprintf(line, sizeof line, "%4zu %4d %10.6g %10.6g %10.6g %10.6g %10.6g  %-5s   ", i, c.step, c.at.time,
                  c.at.label, c.at.alpha, c.at.sigma, c.at.log_snr(), reads.c_str());
    text += line;
    if (c.to) text += "to " + printed::padded(c.to->label, 0) + "; ";
    for (const measure& m : c.measures) text += "measure " + printed::formula(m) + "; ";
    text += printed::formula(c.then) + "\n";
  }
  if (p.levels.empty()) return text;
  const level& last = p.levels.back();
  text += "end       " + printed::padded(last.time, 10) + "            " + printed::padded(last.alpha, 10) + " " +
          printed::padded(last.sigma, 10) + "\n";
  return text;
}
#if defined(FOKKER_COMPILED)
extern template std::string whole(const program&);
#endif

}  // namespace printed

/// The whole plan as a table, a line a network call: x is the caller's tensor, b1 ... the buffers, n0 ... what the
/// network's branches said, z0 ... the normals; a primed buffer is its new value. A measure is a pass of its own.
[[nodiscard]] inline std::string to_string(const program& p) { return printed::whole(p); }

/// Any stream of text: none is included here.
template <class Stream>
auto operator<<(Stream& out, const program& p) -> decltype(out << to_string(p)) {
  return out << to_string(p);
}

}  // namespace fokker::inline v0::plan
