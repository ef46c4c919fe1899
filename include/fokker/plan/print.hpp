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
  return o.where == operand::buffer ? buffer_name(o.index) : "n" + std::to_string(o.index);
}

[[nodiscard]] inline std::string normal_name(const update& u, const normal& z) {
  if (z.stream == normal::start) return "z_start";
  std::string name = "z" + std::to_string(z.id);
  if (z.learned < 0) return name;
  return detail::joined({"exp(", padded(z.slope, 0), " ", operand_name(at(u.inputs, z.learned)),
                         z.offset < 0 ? " - " : " + ", padded(z.offset < 0 ? -z.offset : z.offset, 0), ") ", name});
}

[[nodiscard]] inline std::string formula(const update& u) {
  std::string text;
  for (int j = 0; j < u.row_count; ++j) {
    const row& r = at(u.rows, j);
    std::string sum;
    const auto term = [&sum](double weight, const std::string& name) {
      if (weight == 0) return;
      sum += sum.empty() ? (weight < 0 ? "-" : "") : (weight < 0 ? " - " : " + ");
      sum += padded(weight < 0 ? -weight : weight, 0) + " " + name;
    };
    for (int k = 0; k < u.input_count; ++k) term(at(r.inputs, k), operand_name(at(u.inputs, k)));
    for (int i = 0; i < j; ++i) term(at(r.earlier, i), buffer_name(at(u.rows, i).buffer) + "'");
    for (int q = 0; q < u.normal_count; ++q) term(at(r.normals, q), normal_name(u, at(u.normals, q)));
    if (r.clamp < row::unclamped) sum = detail::joined({"clamp(", sum, ", ", padded(r.clamp, 0), ")"});
    text += (j > 0 ? "; " : "") + buffer_name(r.buffer) + " = " + (sum.empty() ? "0" : sum);
  }
  return text;
}

/// A threshold is a change of the buffer in its place; the update reads what it left.
[[nodiscard]] inline std::string formula(const threshold& t) {
  const std::string name = buffer_name(t.raw.rows[0].buffer);
  return detail::joined({formula(t.raw), "; ", name, " = ", name, " * ", padded(t.bound, 0), " / quantile(", name, ", ",
                         padded(t.quantile, 0), ")"});
}

}  // namespace printed

/// The number of normals that a run draws per element, the start not counted.
[[nodiscard]] inline int normals(const program& p) {
  int count = p.enter.normal_count;
  for (const call& c : p.calls) count += c.then.normal_count;
  return count;
}

/// The number of network evaluations of a run, branches counted one by one.
[[nodiscard]] inline int evaluations(const program& p) {
  int count = 0;
  for (const call& c : p.calls)
    for (int b = 0; b < p.branches; ++b) count += p.wants(c, b);
  return count;
}

/// The whole plan as a table, a line a network call: x is the caller's tensor, b1 ... the buffers, n0 ... what the
/// network's branches said, z0 ... the normals; a primed buffer is its new value.
[[nodiscard]] inline std::string to_string(const program& p) {
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
    if (c.threshold >= 0) text += printed::formula(at(p.thresholds, c.threshold)) + "; ";
    text += printed::formula(c.then) + "\n";
  }
  if (p.levels.empty()) return text;
  const level& last = p.levels.back();
  text += "end       " + printed::padded(last.time, 10) + "            " + printed::padded(last.alpha, 10) + " " +
          printed::padded(last.sigma, 10) + "\n";
  return text;
}

/// Any stream of text: none is included here.
template <class Stream>
auto operator<<(Stream& out, const program& p) -> decltype(out << to_string(p)) {
  return out << to_string(p);
}

}  // namespace fokker::inline v0::plan
