// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include <fokker/detail/nth.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// How an operand of a row is in its chain: not at all, with the weight that stands there, or, from 0 on, with a weight
/// that has the table of this number.
enum class part : std::int8_t { none = -2, weighted = -1, tabled = 0 };

/// The weights of an update, rounded once to the type that it computes in. Each result is one chain of fma in the order
/// inputs, earlier rows, normals. It begins with -0, so that its first fma is a product to the sign of zero; a result
/// without terms is +0. An operand of weight 0 is not in the chain. A weight that has a table, whose number is t, is
/// fma(by, t, weight), with -0 for a weight 0; its operand is always in the chain. The weight of the number 1 is what
/// the chain begins with.
template <class C>
struct chain {
  int inputs = 0, normals = 0, rows = 0;
  C begin[plan::max_rows] = {};
  C bound[plan::max_rows] = {};
  bool bounded[plan::max_rows] = {};
  C of_input[plan::max_inputs][plan::max_rows] = {};
  C of_row[plan::max_rows][plan::max_rows] = {};
  C of_normal[plan::max_normals][plan::max_rows] = {};
  C by_input[plan::max_inputs][plan::max_rows] = {};
  C by_row[plan::max_rows][plan::max_rows] = {};
  C by_normal[plan::max_normals][plan::max_rows] = {};
  C by_one[plan::max_rows] = {};
  bool reads[plan::max_inputs] = {};  // an input that is in a chain
  bool uses[plan::max_tables] = {};   // a table that a weight has
  part input[plan::max_inputs][plan::max_rows];
  part row[plan::max_rows][plan::max_rows];
  part normal[plan::max_normals][plan::max_rows];
  part one[plan::max_rows];

  explicit chain(const plan::update& u) : inputs(u.input_count), normals(u.normal_count), rows(u.row_count) {
    const auto clear = [](auto& parts) {
      for (auto& each : parts) std::fill(std::begin(each), std::end(each), part::none);
    };
    clear(input), clear(row), clear(normal);
    std::fill(std::begin(one), std::end(one), part::none);
    for (int o = 0; o < rows; ++o) {
      const plan::row& r = detail::nth(u.rows, o);
      bounded[o] = r.clamp < plan::row::unclamped;
      if (bounded[o]) bound[o] = static_cast<C>(r.clamp);
      const auto take = [&](C& to, part& of, double weight) {
        to = static_cast<C>(weight);
        if (to == 0) return;
        of = part::weighted;
        begin[o] = -C{0};
      };
      for (int k = 0; k < inputs; ++k) {
        take(of_input[k][o], input[k][o], detail::nth(r.inputs, k));
        reads[k] = reads[k] || input[k][o] != part::none;
      }
      for (int j = 0; j < o; ++j) take(of_row[j][o], row[j][o], detail::nth(r.earlier, j));
      for (int q = 0; q < normals; ++q) take(of_normal[q][o], normal[q][o], detail::nth(r.normals, q));
    }
    for (const plan::factor& f : u.factors) {
      const of_weight w = weight_of(f);
      if (w.fixed == 0) w.fixed = -C{0};
      w.by = static_cast<C>(f.by);
      w.of = static_cast<part>(f.table);
      begin[f.row] = -C{0};
      uses[f.table] = true;
      if (f.of == plan::factor::input) reads[f.index] = true;
    }
  }

  /// Whether a weight has a table.
  [[nodiscard]] bool tabled() const {
    return std::find(uses, uses + plan::max_tables, true) != uses + plan::max_tables;
  }

  /// The chain of elements for which every table has one number, value(table): a chain without tables, to the bit.
  template <class Value>
  [[nodiscard]] chain folded(const std::vector<plan::factor>& factors, Value value) const {
    chain c = *this;
    for (const plan::factor& f : factors) {
      const of_weight w = c.weight_of(f);
      w.fixed = std::fma(w.by, static_cast<C>(value(f.table)), w.fixed);
      w.of = part::weighted;
    }
    std::fill_n(c.uses, plan::max_tables, false);
    return c;
  }

 private:
  struct of_weight {
    C& fixed;
    C& by;
    part& of;
  };
  [[nodiscard]] of_weight weight_of(const plan::factor& f) {
    const int i = f.index, o = f.row;
    if (f.of == plan::factor::input) return {of_input[i][o], by_input[i][o], input[i][o]};
    if (f.of == plan::factor::earlier) return {of_row[i][o], by_row[i][o], row[i][o]};
    if (f.of == plan::factor::normal) return {of_normal[i][o], by_normal[i][o], normal[i][o]};
    return {begin[o], by_one[o], one[o]};
  }
};

/// The operands of a run from a later element on; where its rows go stays.
template <class C, class E, class Network, class Row>
[[nodiscard]] run<E, Network, Row> moved(const chain<C>& c, run<E, Network, Row> at, std::size_t elements) {
  for (int k = 0; k < c.inputs; ++k) {
    if (at.inputs[k] != nullptr)
      at.inputs[k] += elements;
    else
      at.outputs[k] += elements;
  }
  for (int q = 0; q < c.normals; ++q)
    if (at.normals[q] != nullptr) at.normals[q] += elements;
  return at;
}

}  // namespace fokker::inline v0::kernel
