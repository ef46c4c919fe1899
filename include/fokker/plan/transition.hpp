// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

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

/// The normals that a plan draws more than once, from a given x.
[[nodiscard]] inline std::vector<noise_piece> drawn_again(const program& p) {
  std::vector<noise_piece> all;
  const auto add = [&](const update& u) {
    for (int q = 0; q < u.normal_count; ++q) all.push_back(nth(u.normals, q));
  };
  add(p.enter);
  for (const call& c : p.calls) add(c.then);
  const auto key = [](const noise_piece& n) { return std::tuple(n.stream, n.id, n.visit, n.from, n.to); };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<noise_piece> again;
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i] == all[i - 1]) again.push_back(all[i]);
  return again;
}

/// The transition of a call, of a plan whose `again` is drawn_again(p): that is found once for many calls. Throws
/// std::invalid_argument where x' is not so: where a call draws noise that another one draws as well, of a learned
/// deviation, that numbers multiply, that is clamped, of which later calls read another combination than x', or whose
/// update has quantiles, which it writes over. What later calls read of the same noise is, where x' is given, found of
/// x' and its mean.
[[nodiscard]] inline transition transition_of(const program& p, std::size_t index,
                                              const std::vector<noise_piece>& again) {
  if (index >= p.calls.size())
    detail::refuse("the call", index, detail::joined({"less than ", detail::text(p.calls.size())}));
  const call& c = p.calls[index];
  const update& u = c.then;
  const int to = index + 1 < p.calls.size() ? p.calls[index + 1].input : 0;
  const auto refuse = [&](std::string_view how) {
    detail::refuse(detail::joined({"the noise of call ", detail::text(index)}), how,
                   "normals of one known deviation, drawn once, that x' tells");
  };
  for (const measure& m : c.measures)
    for (const measured& one : m.of)
      if (one.what == measured::quantile) refuse("beside a quantile");
  for (int q = 0; q < u.normal_count; ++q) {
    if (nth(u.normals, q).learned >= 0) refuse("of a learned deviation");
    if (std::find(again.begin(), again.end(), static_cast<const noise_piece&>(nth(u.normals, q))) != again.end())
      refuse("drawn at another call as well");
  }

  // Rows as sums of operands and normals alone.
  int place = -1;
  std::array<std::array<double, max_inputs>, max_rows> inputs{};
  std::array<std::array<double, max_normals>, max_rows> normals{};
  const auto is_noisy = [&](int j) {
    const auto& w = nth(normals, j);
    return std::any_of(w.begin(), w.end(), [](double weight) { return weight != 0; });
  };
  for (int j = 0; j < u.row_count; ++j) {
    const row& r = nth(u.rows, j);
    if (r.buffer == to) place = j;
    nth(inputs, j) = r.inputs;
    nth(normals, j) = r.normals;
    for (int i = 0; i < j; ++i) {
      for (int k = 0; k < u.input_count; ++k)
        nth(nth(inputs, j), k) = std::fma(nth(r.earlier, i), nth(nth(inputs, i), k), nth(nth(inputs, j), k));
      for (int q = 0; q < u.normal_count; ++q)
        nth(nth(normals, j), q) = std::fma(nth(r.earlier, i), nth(nth(normals, i), q), nth(nth(normals, j), q));
    }
    if (is_noisy(j) && r.clamp != row::unclamped) refuse("clamped");
  }
  for (const factor& f : u.factors)
    if (f.of == factor::normal || (f.of == factor::earlier && is_noisy(f.index)))
      refuse("multiplied by numbers that are found while sampling");
  transition t;
  double variance = 0;
  if (place >= 0)
    for (const double weight : nth(normals, place)) variance = std::fma(weight, weight, variance);
  t.deviation = std::sqrt(variance);

  t.given = u;
  t.given.normal_count = 0;
  if (u.input_count < max_inputs)
    nth(t.given.inputs, t.given.input_count++) = {operand::given, static_cast<int>(p.givens.size())};
  else if (place >= 0)
    detail::refuse(detail::joined({"the number of operands of call ", detail::text(index)}), max_inputs,
                   detail::joined({detail::text(max_inputs - 1), ", where x' is one of them"}));
  for (int j = 0; j < u.row_count; ++j) {
    row& r = nth(t.given.rows, j);
    const bool draws = r.normals != decltype(r.normals){};
    r.normals = {};
    if (!draws || j == place) continue;
    // The row has `share` of the noise of x', and so of x' less its mean.
    double share = 0;
    for (int q = 0; q < u.normal_count && place >= 0; ++q)
      if (nth(nth(normals, place), q) != 0) share = nth(nth(normals, j), q) / nth(nth(normals, place), q);
    for (int q = 0; q < u.normal_count; ++q) {
      const double weight = nth(nth(normals, j), q);
      const double other = std::fma(place < 0 ? 0 : -nth(nth(normals, place), q), share, weight);
      if (!(std::abs(other) <= 0x1p-40 * std::abs(weight))) refuse("drawn for later calls in another combination");
    }
    for (const row& any : u.rows)
      if (any.clamp != row::unclamped) refuse("drawn for later calls beside what is clamped");
    if (!u.factors.empty()) refuse("drawn for later calls beside numbers that are found while sampling");
    for (int k = 0; k < u.input_count; ++k)
      nth(r.inputs, k) = std::fma(-share, nth(nth(inputs, place), k), nth(nth(inputs, j), k));
    nth(r.inputs, u.input_count) = share;
    r.earlier = {};
  }
  if (place < 0) return t;
  std::erase_if(t.given.factors, [place](const factor& f) { return f.row == place; });
  row& x = nth(t.given.rows, place) = {.buffer = to};
  nth(x.inputs, u.input_count) = 1;

  t.drawn = u;
  t.drawn.row_count = place + 1;
  for (row& r : t.drawn.rows) r.buffer = -1;
  std::erase_if(t.drawn.factors, [place](const factor& f) { return f.row > place; });
  t.mean = t.drawn;
  t.mean.normal_count = 0;
  for (row& r : t.mean.rows) r.normals = {};
  return t;
}
[[nodiscard]] inline transition transition_of(const program& p, std::size_t index) {
  return transition_of(p, index, drawn_again(p));
}

}  // namespace fokker::inline v0::plan
