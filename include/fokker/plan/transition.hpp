// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include <fokker/detail/message.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::plan {

/// What the update of a call does with x, apart from what else it keeps. x' is what the next call reads, at the end the
/// result; of a call that draws noise it is normal about its mean, its elements independent and of one deviation.
struct transition {
  double deviation = 0;  ///< 0 where nothing is drawn
  update drawn;          ///< x' in its last row, which lies nowhere
  update mean;           ///< the same without noise: its weights are the derivatives of the mean
  update given;          ///< the whole update with x' as a tensor of the caller's, after those of the program
};

/// The transition of a call. Throws std::invalid_argument where x' is not so: where a call draws noise that another one
/// draws as well, whose deviation is learned, that numbers
/// multiply, that is clamped, that goes elsewhere than to x', or whose update has quantiles, which it writes over.
[[nodiscard]] inline transition transition_of(const program& p, std::size_t index) {
  if (index >= p.calls.size())
    detail::refuse("the call", index, detail::joined({"less than ", detail::text(p.calls.size())}));
  const call& c = p.calls[index];
  const update& u = c.then;
  const int to = index + 1 < p.calls.size() ? p.calls[index + 1].input : 0;
  const auto refuse = [&](std::string_view how) {
    detail::refuse(detail::joined({"the noise of call ", detail::text(index)}), how,
                   "normals of one known deviation that x' alone has, drawn once");
  };
  for (const measure& m : c.measures)
    for (const measured& one : m.of)
      if (one.what == measured::quantile) refuse("beside a quantile");
  const auto times_drawn = [&](const noise_piece& piece) {
    int count = 0;
    const auto add = [&](const update& by) {
      for (int q = 0; q < by.normal_count; ++q) count += static_cast<const noise_piece&>(at(by.normals, q)) == piece;
    };
    add(p.enter);
    for (const call& other : p.calls) add(other.then);
    return count;
  };
  int place = -1;
  for (int j = 0; j < u.row_count; ++j)
    if (at(u.rows, j).buffer == to) place = j;
  transition t;
  double variance = 0;
  for (int q = 0; q < u.normal_count; ++q) {
    if (at(u.normals, q).learned >= 0) refuse("of a learned deviation");
    if (times_drawn(at(u.normals, q)) != 1) refuse("drawn at another call as well");
    for (int j = 0; j < u.row_count; ++j) {
      if (at(at(u.rows, j).normals, q) == 0) continue;
      if (j != place) refuse("drawn for later calls as well");
      if (at(u.rows, j).clamp != row::unclamped) refuse("clamped");
    }
    if (place >= 0) variance = std::fma(at(at(u.rows, place).normals, q), at(at(u.rows, place).normals, q), variance);
  }
  for (const factor& f : u.factors)
    if (f.of == factor::normal) refuse("multiplied by numbers that are found while sampling");
  t.deviation = std::sqrt(variance);

  t.given = u;
  if (place < 0) return t;
  t.drawn = u;
  t.drawn.row_count = place + 1;
  for (row& r : t.drawn.rows) r.buffer = -1;
  std::erase_if(t.drawn.factors, [place](const factor& f) { return f.row > place; });
  t.mean = t.drawn;
  t.mean.normal_count = 0;
  for (row& r : t.mean.rows) r.normals = {};

  if (u.input_count == max_inputs)
    detail::refuse(detail::joined({"the number of operands of call ", detail::text(index)}), max_inputs,
                   detail::joined({detail::text(max_inputs - 1), ", where x' is one of them"}));
  at(t.given.inputs, u.input_count) = {operand::given, static_cast<int>(p.givens.size())};
  t.given.input_count = u.input_count + 1;
  t.given.normal_count = 0;
  std::erase_if(t.given.factors, [place](const factor& f) { return f.row == place; });
  row& x = at(t.given.rows, place) = {.buffer = to};
  at(x.inputs, u.input_count) = 1;
  return t;
}

}  // namespace fokker::inline v0::plan
